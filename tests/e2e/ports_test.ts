import assert from "node:assert/strict";
import { bindUdp, freePorts } from "../fixtures/free_ports.ts";
import { Site, waitFor } from "./harness.ts";
import { bindWithReusePort } from "../manager/fixtures/reuse_port.ts";

interface PortStatus {
  port: number;
  state: string;
  wanted: number | null;
  reserved: boolean;
  worker: { pid: number | null; state: string } | null;
  owner: { pid: number; command: string } | null;
}

async function portsOf(site: Site): Promise<PortStatus[]> {
  return (await site.json<{ ports: PortStatus[] }>("ports")).ports;
}

async function portOf(site: Site, port: number): Promise<PortStatus> {
  const found = (await portsOf(site)).find((status) => status.port === port);
  assert.ok(found, `port ${port}`);
  return found;
}

async function stop(site: Site): Promise<void> {
  assert.equal((await site.run("shutdown")).code, 0);
}

Deno.test("msquicd: any ports are chosen once and kept, reservations too", async () => {
  await using site = await Site.create(1);
  const any = ["start", "--detach", "--ports", "0,0", "--root", site.root];
  const { ports } = await site.json<{ ports: number[] }>(...any);
  assert.equal(new Set(ports).size, 2);
  const listed = await portsOf(site);
  assert.deepEqual(new Set(listed.map(({ port }) => port)), new Set(ports));
  for (const { state, wanted, worker } of listed) {
    assert.deepEqual([state, wanted, worker?.state], ["used", 0, "ready"]);
  }
  const [spare = 0] = await freePorts(1);
  const reserved = await site.json<{ ports: PortStatus[] }>("ports", "reserve", String(spare));
  assert.deepEqual(reserved.ports.map(({ port, state }) => [port, state]), [[spare, "reserved"]]);
  const again = await site.run("ports", "reserve", String(ports[0]));
  assert.equal(again.code, 6, again.stderr);
  assert.match(again.stderr, /a worker of this manager has it/);
  await stop(site);

  const later = await site.json<{ ports: number[] }>(...any);
  assert.deepEqual(later.ports, ports);
  assert.equal((await portOf(site, spare)).state, "reserved");
  if (Deno.build.os === "linux") await assert.rejects(bindUdp(spare), /EADDRINUSE/);
  const spawned = await site.json<{ workers: { port: number }[] }>("spawn");
  assert.deepEqual(spawned.workers.map(({ port }) => port), [spare]);
  const { state, reserved: kept, wanted } = await portOf(site, spare);
  assert.deepEqual([state, kept, wanted], ["used", true, null]);
  const text = await site.run("ports");
  assert.match(
    text.stdout,
    new RegExp(`^\\s*${spare}\\s+used, reserved\\s+-\\s+\\d+\\s+ready`, "m"),
  );
  assert.equal((await site.run("ports", "release", String(spare))).code, 0);
  const unknown = await site.run("ports", "release", String(spare));
  assert.equal(unknown.code, 3, unknown.stderr);
  assert.equal((await portOf(site, spare)).reserved, false);
  assert.equal((await site.run("stop", String(spare))).code, 0);
  assert.equal((await portOf(site, spare)).state, "held");
  assert.equal((await site.run("ports", "release", "0")).code, 2);
  await stop(site);
  await site.assertNothingLeft();
});

for (const sharing of [false, true]) {
  const how = sharing ? "a program that would share it" : "another program";
  Deno.test({
    name: `msquicd: a port that ${how} has is refused or skipped, naming the program`,
    ignore: Deno.build.os !== "linux",
    async fn() {
      await using site = await Site.create(1);
      const [port = 0] = site.ports;
      await using holder = new AsyncDisposableStack();
      if (sharing) holder.use(bindWithReusePort("127.0.0.1", port));
      else holder.use(await bindUdp(port));
      const start = ["start", "--detach", "--ports", String(port), "--root", site.root];
      const refused = await site.run(...start);
      assert.equal(refused.code, 6, refused.stderr);
      assert.match(
        refused.stderr,
        new RegExp(`UDP port ${port} .* process ${Deno.pid} \\(deno\\)`),
      );

      const moved = await site.json<{ ports: number[] }>(...start, "--port-policy", "skip");
      assert.ok((moved.ports[0] ?? 0) > port);
      const { state, owner, worker } = await portOf(site, port);
      assert.deepEqual([state, owner?.pid, worker], ["foreign", Deno.pid, null]);
      assert.equal((await portOf(site, moved.ports[0] ?? 0)).wanted, port);
      assert.equal((await site.run("ports", "reserve", String(port))).code, 6);
      await stop(site);
      await site.assertNothingLeft();
    },
  });
}

Deno.test({
  name: "msquicd: a port cannot be taken away while its worker is being replaced",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using site = await Site.create(1);
    const [port = 0] = site.ports;
    const file = site.path("msquicd.jsonc");
    await Deno.writeTextFile(file, '{ "restart": { "initialDelayMs": 2000, "jitter": 0 } }');
    const manager = await site.start("--config", file);
    Deno.kill(manager.report.workers[0]?.pid ?? 0, "SIGKILL");
    const waiting = await waitFor("it waits", async () => {
      const status = await portOf(site, port);
      return status.worker?.state === "backoff" && status;
    });
    assert.equal(waiting.state, "held");
    await assert.rejects(bindUdp(port), /EADDRINUSE/);
    assert.throws(() => bindWithReusePort("0.0.0.0", port), /Cannot bind/);
    await waitFor("it is back", async () => (await portOf(site, port)).worker?.state === "ready");
    await stop(site);
    assert.equal((await manager.finished).code, 0);
    await site.assertNothingLeft();
  },
});
