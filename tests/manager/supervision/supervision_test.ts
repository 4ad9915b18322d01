import assert from "node:assert/strict";
import { commandLine } from "../../../base/mod.ts";
import { callControl, Manager, type ManagerEvent } from "../../../manager/mod.ts";
import type { WorkersResult, WorkerStatus } from "../../../handlers/commands/mod.ts";
import { bindUdp, freePorts } from "../../fixtures/free_ports.ts";
import { alive, eventually, fixtureWorker, Sandbox } from "../fixtures/harness.ts";

const windows = Deno.build.os === "windows";

/** Restarts without delay worth mentioning. */
const QUICK = { initialDelayMs: 5, maxDelayMs: 20, jitter: 0 };

async function start(
  box: Sandbox,
  behaviour: string,
  { ports, onEvent, ...flags }: Parameters<Sandbox["config"]>[0] & {
    ports?: string;
    onEvent?: (event: ManagerEvent) => void;
  } = {},
): Promise<Manager> {
  const given = ports ?? (await freePorts(1)).join(",");
  return await Manager.start(box.config({ ...flags, ports: given }), {
    state: box.state,
    command: fixtureWorker(behaviour),
    onEvent,
  });
}

function workerOf(manager: Manager, port?: number): WorkerStatus {
  const { workers } = manager.status();
  const found = port === undefined ? workers[0] : workers.find((worker) => worker.port === port);
  assert.ok(found);
  return found;
}

async function run(manager: Manager, method: string, parameters = {}): Promise<WorkerStatus[]> {
  const result = await callControl(manager.state, method, parameters, { timeoutMs: 30_000 });
  return (result as WorkersResult).workers;
}

Deno.test({
  name: "Manager ends a worker that is alive but stuck, says so, and replaces it",
  ignore: windows, // has no SIGSTOP
  fn: replacesStalled,
});

async function replacesStalled(): Promise<void> {
  await using box = new Sandbox();
  await using manager = await start(box, "ready", { stallDeadlineMs: 700 });
  const { pid } = workerOf(manager);
  assert.ok(pid);
  Deno.kill(pid, "SIGSTOP");
  await eventually("replaced", () => workerOf(manager).restarts === 1);
  await eventually("ready", () => workerOf(manager).state === "ready");
  const { lastError, lastExit } = workerOf(manager);
  assert.match(lastError ?? "", /^Event loop stalled for \d+(\.\d)? s; killed$/);
  assert.equal(lastExit?.signal, "SIGKILL");
  assert.ok(!alive(pid));
}

Deno.test("Manager replaces a worker whose network loop stands still", async () => {
  await using box = new Sandbox();
  await using manager = await start(box, "deaf", { stallDeadlineMs: 500 });
  // On a slow machine, one of its lives may end for another reason.
  const REASON = /^Network loop stalled for .* s; killed$/;
  await eventually("replaced for that", () => REASON.test(workerOf(manager).lastError ?? ""));
});

Deno.test("Manager gives a worker up that dies too often, and restart revives it", async () => {
  await using box = new Sandbox();
  const events: string[] = [];
  const onEvent = ({ type }: ManagerEvent) => void events.push(type);
  const restart = { ...QUICK, intensity: 2, periodMs: 60_000 };
  await using manager = await start(box, "crash-later", { restart, onEvent });
  const { port } = workerOf(manager);
  await eventually("failed", () => workerOf(manager).state === "failed");
  const { pid, restarts, lastError, lastExit } = workerOf(manager);
  assert.equal(pid, null);
  assert.equal(restarts, 2);
  assert.match(lastError ?? "", /^Exited with code 4; it said last: out of order; given up after/);
  const advice = `start it with: ${commandLine(`restart ${port}`, box.instance)}`;
  assert.match(lastError ?? "", new RegExp(`2 restarts within 60 s; .*${advice}$`));
  assert.equal(lastExit?.code, 4);
  assert.ok(lastExit && Date.now() - lastExit.at < 60_000);
  assert.deepEqual(lastExit?.stderr.slice(-1), ["out of order"]);
  assert.equal(events.filter((type) => type === "worker-failed").length, 1);
  const [revived] = await run(manager, "restart", { workers: [port] });
  assert.equal(revived?.state, "ready");
  assert.equal(revived?.restarts, 3);
});

Deno.test("Manager does not restart after an exit code that says not to", async () => {
  await using box = new Sandbox();
  const restart = { ...QUICK, doNotRestartExitCodes: [4] };
  await using manager = await start(box, "crash-later", { restart });
  await eventually("failed", () => workerOf(manager).state === "failed");
  const { restarts, lastError } = workerOf(manager);
  assert.equal(restarts, 0);
  assert.match(lastError ?? "", /exit code 4 is not restarted/);
});

Deno.test("Manager takes a restart that never becomes ready for a failure", async () => {
  await using box = new Sandbox();
  const restart = { ...QUICK, intensity: 1 };
  const flags = { restart, readyDeadlineMs: 1000 };
  await using manager = await start(box, "hang-later", flags);
  const { port, pid } = workerOf(manager);
  Deno.kill(pid ?? 0, "SIGKILL");
  await eventually("failed", () => workerOf(manager).state === "failed");
  assert.match(workerOf(manager).lastError ?? "", /^Not ready within 1 s; killed; given up/);
  assert.deepEqual(manager.info.ports, []);
  await assert.rejects(run(manager, "restart", { workers: [port] }), (error) => {
    assert.match(String(error), new RegExp(`Worker ${port} did not become ready .*: Not ready`));
    return error instanceof Error && "code" in error && error.code === "restart-failed";
  });
});

Deno.test("restart policies can be different for single workers", async () => {
  await using box = new Sandbox();
  const [first = 0, second = 0] = await freePorts(2);
  await using manager = await start(box, "ready", {
    ports: `${first},${second}`,
    restart: QUICK,
    overrides: new Map([[second, { restart: { intensity: 0 } }]]),
  });
  for (const port of [first, second]) Deno.kill(workerOf(manager, port).pid ?? 0, "SIGKILL");
  await eventually("one is back", () => workerOf(manager, first).restarts === 1);
  await eventually("the other is not", () => workerOf(manager, second).state === "failed");
});

Deno.test("spawn, stop, drain and restart change the workers, and instance.json follows", async () => {
  await using box = new Sandbox();
  const [first = 0, second = 0] = await freePorts(2);
  await using manager = await start(box, "ready", { ports: String(first) });
  const listed = async () => (await box.state.readInstanceInfo())?.ports;
  const [spawned] = await run(manager, "spawn", { port: second });
  assert.equal(spawned?.state, "ready");
  await eventually("both are listed", async () => (await listed())?.length === 2);

  const [drained] = await run(manager, "drain", { workers: [first], deadlineMs: 2000 });
  assert.deepEqual([drained?.state, drained?.pid], ["stopped", null]);
  assert.equal(drained?.lastExit?.code, 0);
  assert.equal(drained?.lastError, null);
  await eventually("one is listed", async () => String(await listed()) === String(second));
  await assert.rejects(run(manager, "spawn", { port: first }), /there is one, and it is stopped/);

  const [again] = await run(manager, "restart", { workers: [first] });
  assert.deepEqual([again?.state, again?.restarts], ["ready", 1]);
  assert.deepEqual(manager.info.ports, [first, second]);
  const [free] = await run(manager, "spawn");
  assert.ok(free && free.port !== first && free.port !== second);
  await run(manager, "stop", { workers: "all" });
  assert.deepEqual(manager.status().workers.map(({ state }) => state), Array(3).fill("stopped"));
  assert.deepEqual(box.segments(), []);
  for (const method of ["stop", "drain", "restart"]) {
    await assert.rejects(run(manager, method, { workers: [first, 1] }), /no worker on port 1;/);
  }
});

Deno.test("spawn that does not come up leaves nothing", async () => {
  await using box = new Sandbox();
  const [port = 0, taken = 0] = await freePorts(2);
  await using manager = await start(box, "ready", { ports: String(port) });
  await using _socket = await bindUdp(taken);
  await assert.rejects(run(manager, "spawn", { port: taken }), /Cannot bind UDP port/);
  assert.equal(manager.status().workers.length, 1);
});

Deno.test("restart --rolling ends at the first that does not become ready", async () => {
  await using box = new Sandbox();
  const ports = await freePorts(3);
  const [first = 0, second = 0, third = 0] = ports;
  const behaviour = `unlucky-${second}`;
  await using manager = await start(box, behaviour, { ports: ports.join(",") });
  const before = manager.status().workers.map(({ pid }) => pid);
  await assert.rejects(run(manager, "restart", { workers: "all", rolling: true }), (error) => {
    const what = `Worker ${second} did not become ready .*; left as they were: ${third}$`;
    assert.match(error instanceof Error ? error.message : "", new RegExp(what));
    return true;
  });
  const [one, two, three] = manager.status().workers;
  assert.deepEqual([one?.port, one?.state, one?.restarts], [first, "ready", 1]);
  assert.notEqual(two?.state, "ready");
  assert.deepEqual([three?.pid, three?.state, three?.restarts], [before[2], "ready", 0]);
  await eventually("the second is back", () => workerOf(manager, second).state === "ready");
});

Deno.test("restart --rolling replaces one worker at a time", async () => {
  await using box = new Sandbox();
  const ports = await freePorts(2);
  let fewest = Infinity;
  const started: Manager[] = [];
  const onEvent = () => {
    for (const { info } of started) fewest = Math.min(fewest, info.ports.length);
  };
  await using manager = await start(box, "ready", { ports: ports.join(","), onEvent });
  started.push(manager);
  const workers = await run(manager, "restart", { workers: "all", rolling: true });
  assert.deepEqual(workers.map(({ state, restarts }) => [state, restarts]), [
    ["ready", 1],
    ["ready", 1],
  ]);
  assert.equal(fewest, 1);
});

Deno.test("stop overtakes a restart that still waits for the worker to leave", async () => {
  await using box = new Sandbox();
  await using manager = await start(box, "stubborn");
  const { port } = workerOf(manager);
  const restarting = run(manager, "restart", { workers: [port], deadlineMs: 60_000 });
  const refused = assert.rejects(restarting, /stopped or restarted by somebody else/);
  await eventually("draining", () => workerOf(manager).state === "draining");
  const [stopped] = await run(manager, "stop", { workers: [port], now: true });
  await refused;
  assert.equal(stopped?.state, "stopped");
});

Deno.test("ready workers are told of each other, least loaded first", async () => {
  await using box = new Sandbox();
  const ports = (await freePorts(3)).sort((a, b) => a - b);
  const [first = 0, second = 0, third = 0] = ports;
  await using manager = await start(box, "gossip", { ports: ports.join(",") });
  const sibling = (port: number) => ({ port, sessions: 2, transfers: 0 });
  // The stand-in says on standard error what it hears; that shows when it has ended.
  const heard = async (port: number, siblings: number) => {
    // An order to stop would overtake what it is to hear.
    await eventually("heard", () => workerOf(manager, port).bytesOut === 1 + siblings);
    const [stopped] = await run(manager, "stop", { workers: [port] });
    return JSON.parse(stopped?.lastExit?.stderr.at(-1) ?? "null");
  };
  assert.deepEqual(await heard(third, 2), [sibling(first), sibling(second)]);
  assert.deepEqual(await heard(second, 1), [sibling(first)]);
  assert.deepEqual(await heard(first, 0), []);
});
