import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import type { PortsResult } from "../../handlers/commands/mod.ts";
import {
  callControl,
  InstanceRunningError,
  Manager,
  type ManagerEvent,
  ManagerNotRunningError,
  PortInUseError,
  WorkerStartError,
} from "../../manager/mod.ts";
import { bindUdp, freePorts } from "../fixtures/free_ports.ts";
import { alive, eventually, fixtureWorker, Sandbox } from "./fixtures/harness.ts";

const windows = Deno.build.os === "windows";

/** What a worker that does not stop has in any case: its deadline, and where there is SIGTERM, that. */
const LEAST_KILL_MS = windows ? 200 : 1000;

async function start(
  box: Sandbox,
  behaviour: string,
  { ports, onEvent, signal, flags = {} }: {
    ports?: number[];
    onEvent?: (event: ManagerEvent) => void;
    signal?: AbortSignal;
    flags?: Parameters<Sandbox["config"]>[0];
  } = {},
): Promise<Manager> {
  const given = (ports ?? await freePorts(2)).join(",");
  return await Manager.start(box.config({ ports: given, ...flags }), {
    state: box.state,
    command: fixtureWorker(behaviour),
    onEvent,
    signal,
  });
}

/** What a manager must leave behind: nothing but what stays on purpose. */
function assertNothingLeft(box: Sandbox, pids: (number | null)[]): void {
  assert.deepEqual(box.sharedNames(), []);
  assert.deepEqual(pids.filter(alive), []);
  const left = [...Deno.readDirSync(box.state.path)].map(({ name }) => name).sort();
  // There once ports were chosen.
  assert.deepEqual(left.filter((name) => name !== "ports.json"), [
    "cert.pem",
    "key.pem",
    "manager.lock",
    "token",
  ]);
}

Deno.test("Manager.start() brings up every worker and shutdown() leaves nothing", async () => {
  await using box = new Sandbox();
  const events: string[] = [];
  const ports = await freePorts(3);
  const manager = await start(box, "ready", { ports, onEvent: (event) => events.push(event.type) });
  const status = manager.status();
  assert.equal(status.state, "ready");
  assert.equal(status.pid, Deno.pid);
  assert.equal(status.msquic, "2.5.1");
  assert.deepEqual(status.workers.map(({ port }) => port), ports);
  for (const worker of status.workers) {
    assert.equal(worker.state, "ready");
    assert.equal(worker.sessions, 2);
    assert.equal(worker.bytesIn, 12345);
    assert.equal(worker.restarts, 0);
    assert.equal(worker.lastError, null);
    assert.ok(alive(worker.pid));
  }
  assert.deepEqual(await box.state.readInstanceInfo(), { ...manager.info });
  assert.equal(manager.info.fingerprint.length, 64);
  assert.deepEqual(await callControl(box.state, "status").then(withoutTimes), withoutTimes(status));

  const pids = status.workers.map(({ pid }) => pid);
  await manager.shutdown();
  await manager.closed;
  assertNothingLeft(box, pids);
  assert.equal(manager.status().state, "stopped");
  assert.deepEqual(events.filter((type) => type === "worker-ready").length, 3);
  await assert.rejects(callControl(box.state, "status"), ManagerNotRunningError);
});

function withoutTimes(status: unknown): unknown {
  return JSON.parse(
    JSON.stringify(status),
    (key, value) =>
      ["uptimeMs", "turnP99Ms", "heartbeatAgeMs", "rssBytes", "cpuPercent"].includes(key)
        ? 0
        : value,
  );
}

Deno.test("Manager.start() keeps certificate and token from start to start", async () => {
  await using box = new Sandbox();
  const first = await start(box, "ready");
  const token = await box.state.readToken();
  await first.shutdown();
  const second = await start(box, "ready");
  assert.equal(second.info.fingerprint, first.info.fingerprint);
  assert.equal(await box.state.readToken(), token);
  await second.shutdown();
});

for (
  const [behaviour, message] of [
    ["fail", /Cannot start workers? [\d, ]+: Cannot bind: fixture/],
    ["crash", /Cannot start workers? [\d, ]+: Exited with code 3; it said last: about to crash/],
    ["hang", /Cannot start workers? [\d, ]+: Not ready within 0.5 s/],
  ] as const
) {
  Deno.test(`Manager.start() undoes everything when workers ${behaviour}`, async () => {
    await using box = new Sandbox();
    const pids: (number | null)[] = [];
    const flags = { readyDeadlineMs: behaviour === "hang" ? 500 : 10_000 };
    const onEvent = (event: ManagerEvent) => {
      if (event.type === "worker-died") pids.push(event.pid);
    };
    await assert.rejects(start(box, behaviour, { flags, onEvent }), (error) => {
      assert.ok(error instanceof WorkerStartError);
      assert.match(error.message, message);
      if (behaviour === "fail") assert.equal(error.code, "port-in-use");
      return true;
    });
    assert.ok(pids.length > 0);
    assertNothingLeft(box, pids);
    await assert.rejects(callControl(box.state, "status"), ManagerNotRunningError);
  });
}

Deno.test("Manager.start() can be given up", async () => {
  await using box = new Sandbox();
  const abort = new AbortController();
  const starting = start(box, "hang", { signal: abort.signal });
  await eventually("segments exist", () => box.segments().length === 2);
  abort.abort(new Error("changed my mind"));
  await assert.rejects(starting, /changed my mind/);
  assertNothingLeft(box, []);
});

Deno.test("Manager.start() refuses a second manager of the instance and names the first", async () => {
  await using box = new Sandbox();
  const manager = await start(box, "ready");
  await assert.rejects(start(box, "ready"), (error) => {
    assert.ok(error instanceof InstanceRunningError);
    assert.equal(error.pid, Deno.pid);
    return true;
  });
  assert.equal(manager.status().state, "ready");
  assert.notEqual(await box.state.readInstanceInfo(), undefined);
  await manager.shutdown();
});

Deno.test("Manager.start() refuses an explicit port that is taken", async () => {
  await using box = new Sandbox();
  await using taken = await bindUdp(0);
  await assert.rejects(start(box, "ready", { ports: [taken.port] }), (error) => {
    assert.ok(error instanceof PortInUseError);
    const who = Deno.build.os === "linux" ? `process ${Deno.pid} ` : "another process";
    assert.match(error.message, new RegExp(`port ${taken.port} .*${who}`));
    return true;
  });
  assertNothingLeft(box, []);
});

Deno.test("Manager restarts a killed worker without much ado", async () => {
  await using box = new Sandbox();
  const manager = await start(box, "ready");
  const before = manager.status().workers;
  const victim = before[0];
  assert.ok(victim?.pid);
  Deno.kill(victim.pid, "SIGKILL");
  await eventually("ready again", () => {
    const now = manager.status().workers[0];
    return now?.state === "ready" && now.pid !== victim.pid;
  });
  const [again, other] = manager.status().workers;
  assert.equal(again?.restarts, 1);
  assert.match(again?.lastError ?? "", windows ? /^Exited with code 1/ : /^Killed by SIGKILL$/);
  assert.equal(other?.restarts, 0);
  assert.equal(box.segments().length, 2);
  await manager.shutdown();
  assertNothingLeft(box, [victim.pid, again?.pid ?? null]);
});

Deno.test("Manager replaces a worker that corrupts its shared memory", async () => {
  await using box = new Sandbox();
  const manager = await start(box, "corrupt", { ports: await freePorts(1) });
  await eventually("replaced", () => manager.status().workers[0]?.restarts === 1);
  await eventually("ready", () => manager.status().workers[0]?.state === "ready");
  assert.match(manager.status().workers[0]?.lastError ?? "", /ring|shared memory/);
  assert.equal(box.segments().length, 1);
  await manager.shutdown();
  assertNothingLeft(box, []);
});

Deno.test("Manager.shutdown() kills a worker that does not stop, within its deadlines", async () => {
  await using box = new Sandbox();
  const manager = await start(box, "stubborn", { flags: { stopDeadlineMs: 200 } });
  const pids = manager.status().workers.map(({ pid }) => pid);
  const startedAt = performance.now();
  await manager.shutdown();
  const tookMs = performance.now() - startedAt;
  // The default deadline alone is as long.
  assert.ok(tookMs > LEAST_KILL_MS && tookMs < 10_000, `took ${tookMs} ms`);
  assertNothingLeft(box, pids);
});

Deno.test("Manager.shutdown({ now }) hurries up one that waits", async () => {
  await using box = new Sandbox();
  const manager = await start(box, "stubborn", { flags: { stopDeadlineMs: 60_000 } });
  const slow = manager.shutdown();
  assert.equal(manager.status().state, "stopping");
  const startedAt = performance.now();
  await manager.shutdown({ now: true });
  await slow;
  assert.ok(performance.now() - startedAt < 30_000);
  assertNothingLeft(box, []);
});

Deno.test("shutdown over the control endpoint answers, then closes the manager", async () => {
  await using box = new Sandbox();
  const manager = await start(box, "ready");
  assert.deepEqual(await callControl(box.state, "shutdown", { now: false }), { workers: 2 });
  await manager.closed;
  assert.equal(existsSync(manager.info.control), false);
  assertNothingLeft(box, []);
});

Deno.test("Manager.shutdown() works while a worker waits to be restarted", async () => {
  await using box = new Sandbox();
  const [port = 0] = await freePorts(1);
  const manager = await start(box, "ready", { ports: [port] });
  const pid = manager.status().workers[0]?.pid ?? 0;
  Deno.kill(pid, "SIGKILL");
  await eventually("backoff", () => manager.status().workers[0]?.state === "backoff");
  await manager.shutdown();
  assert.equal(manager.status().workers[0]?.state, "stopped");
  assertNothingLeft(box, [pid]);
});

Deno.test("Manager.start() moves a worker whose port is lost at the last moment, if it may", async () => {
  await using box = new Sandbox();
  const [port = 0] = await freePorts(1);
  const moves: unknown[] = [];
  const options = {
    state: box.state,
    command: fixtureWorker(`robbed-${port}`),
    onEvent: (event: ManagerEvent) => void (event.type === "port-moved" && moves.push(event)),
  };
  const config = (portPolicy: "skip" | "refuse") => box.config({ ports: String(port), portPolicy });
  await assert.rejects(Manager.start(config("refuse"), options), { code: "port-in-use" });
  await using manager = await Manager.start(config("skip"), options);
  const [got = 0] = manager.info.ports;
  assert.ok(got > port);
  assert.deepEqual(moves, [{ type: "port-moved", wanted: port, got }]);
  const { ports } = await manager.run("ports") as PortsResult;
  assert.deepEqual(ports.map(({ port, state, wanted }) => [port, state, wanted]), [
    [port, "free", null],
    [got, "used", port],
  ]);
});
