import assert from "node:assert/strict";
import { connect, messages } from "../../client/mod.ts";
import "../fixtures/loaded_msquic.ts";
import { Site, waitFor } from "./harness.ts";

interface Process {
  pid: number;
  role: string;
  port?: number;
  state: string;
  rssBytes: number;
}

// Over a client in this process as well, as each command takes a process, and most of a second on a busy machine.
Deno.test("msquicd: system tells of the machine, the worker, its instance and its disks", async () => {
  await using site = await Site.create(2);
  const keep = ["--on-manager-loss", "keep"];
  const { report, pid } = await site.start(...keep);
  const [one = 0, other = 0] = site.ports;

  const [info, processes, stats, none, both] = await Promise.all([
    site.json<Record<string, unknown>>("system", "info", "--port", String(one)),
    site.json<Process[]>("system", "processes"),
    site.run("system", "stats", "--port", String(other)),
    site.run("system", "info", "--port", "1"),
    site.run("system", "info", "--port", String(one), "--server", "127.0.0.1:1"),
  ]);
  const { host, instance, port } = info;
  assert.deepEqual(
    { host, instance, port, pid: info.pid },
    { host: Deno.hostname(), instance: site.instance, port: one, pid: pidOf(one) },
  );
  const named = processes.map(({ pid, role, port, state }) => ({ pid, role, port, state }));
  assert.deepEqual(named, [
    { pid: report.pid, role: "manager", port: undefined, state: "ready" },
    ...report.workers.map(({ pid, port }) => ({ pid, role: "worker", port, state: "ready" })),
  ]);
  assert.ok(processes.every(({ rssBytes }) => rssBytes > 1_000_000));
  assert.equal(stats.code, 0, stats.stderr);
  assert.match(stats.stdout, new RegExp(`^port ${other}, pid ${pidOf(other)}, up .*`));
  assert.match(stats.stdout, /1 session active/);
  assert.equal(none.code, 3);
  assert.match(none.stderr, /There is no worker on port 1;/);
  assert.equal(both.code, 2);

  const token = (await Deno.readTextFile(`${site.state}/token`)).trim();
  const server = `127.0.0.1:${one}`;
  const { fingerprint } = report;
  await using client = await connect({ server, token, fingerprint, failover: false });
  const { disks } = await client.call(messages.systemDisk, {});
  assert.deepEqual(disks.map(({ path }) => path), [await Deno.realPath(site.root)]);
  const [disk] = disks;
  assert.ok(disk !== undefined && disk.total >= disk.free && disk.free >= disk.available);
  const { time, zone } = await client.call(messages.systemTime, {});
  assert.ok(Math.abs(time - Date.now()) < 60_000 && zone !== "");
  const { loop, counters, sessions } = await client.call(messages.systemStats, {});
  assert.ok(loop.turns > 0 && (loop.quantilesMs.p50 ?? 0) > 0 && (counters.bytesIn ?? 0) > 0);
  assert.ok(sessions.active >= 1);

  // A worker that outlives its manager tells of itself alone, and of all to the next.
  const family = async () => (await client.call(messages.systemProcesses, {})).processes;
  Deno.kill(pid, "SIGKILL");
  await waitFor("the worker is alone", async () => (await family()).length === 1);
  const [alone] = await family();
  assert.deepEqual([alone?.pid, alone?.role, alone?.port], [pidOf(one), "worker", one]);
  await site.start(...keep);
  assert.equal((await family()).length, 3);

  function pidOf(port: number): number | undefined {
    return report.workers.find((worker) => worker.port === port)?.pid;
  }
});
