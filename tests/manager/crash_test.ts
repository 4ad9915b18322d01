import assert from "node:assert/strict";
import {
  callControl,
  DetachedStartError,
  InstanceRunningError,
  Manager,
  ManagerNotRunningError,
  shutdownManager,
  startDetached,
  type StateDirectory,
} from "../../manager/mod.ts";
import type { ManagerStatus } from "../../handlers/commands/mod.ts";
import { freePorts } from "../fixtures/free_ports.ts";
import { alive, eventually, fixtureManager, fixtureWorker, Sandbox } from "./fixtures/harness.ts";

async function startInBackground(
  box: Sandbox,
  ports: number[],
  behaviour = "ready",
): Promise<number> {
  const command = fixtureManager(box, ports, behaviour);
  const info = await startDetached({ state: box.state, command, args: ["start"] });
  assert.deepEqual(info.ports, ports);
  return info.pid;
}

async function workerPids(state: StateDirectory): Promise<number[]> {
  const status = await callControl(state, "status") as ManagerStatus;
  return status.workers.map(({ pid }) => pid ?? 0);
}

Deno.test("startDetached() returns when all is ready, and the manager lives in its own session", async () => {
  await using box = new Sandbox();
  const pid = await startInBackground(box, await freePorts(2));
  assert.ok(alive(pid));
  if (Deno.build.os === "linux") {
    const session = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]?.split(" ")[3];
    assert.equal(session, String(pid));
  }
  const workers = await workerPids(box.state);
  assert.match(Deno.readTextFileSync(box.state.logFile), /Made a new certificate/);
  if (Deno.build.os !== "windows") {
    assert.equal((Deno.statSync(box.state.logFile).mode ?? 0) & 0o077, 0);
  }
  assert.deepEqual(await shutdownManager(box.state), { workers: 2 });
  await eventually("all are gone", () => isReaped(pid) && !workers.some(alive));
  assert.deepEqual(box.segments(), []);
  await assert.rejects(shutdownManager(box.state), ManagerNotRunningError);
});

Deno.test("startDetached() shows why a start failed", async () => {
  await using box = new Sandbox();
  const starting = startInBackground(box, await freePorts(2), "fail");
  await assert.rejects(starting, (error) => {
    assert.ok(error instanceof DetachedStartError);
    assert.equal(error.exitCode, 7);
    assert.match(error.message, /exited with code 7 and said:[^]*Cannot bind: fixture/);
    return true;
  });
  assert.deepEqual(box.segments(), []);
});

Deno.test("startDetached() stops the manager when it takes too long or is given up", async () => {
  await using box = new Sandbox();
  const command = fixtureManager(box, await freePorts(1), "hang");
  const args = ["start"];
  await assert.rejects(
    startDetached({ state: box.state, command, args, timeoutMs: 1500 }),
    /its workers were not ready within 2 s, so it was stopped; see .*manager\.log/,
  );
  assert.deepEqual(box.segments(), []);
  const abort = new AbortController();
  const starting = startDetached({ state: box.state, command, args, signal: abort.signal });
  await eventually("it has begun", () => box.segments().length > 0);
  abort.abort(new Error("enough"));
  await assert.rejects(starting, /enough/);
  assert.deepEqual(box.segments(), []);
});

Deno.test("Manager.start() takes over from a killed manager, on the same ports", async () => {
  await using box = new Sandbox();
  const ports = await freePorts(2);
  const killed = await startInBackground(box, ports);
  const orphans = await workerPids(box.state);
  Deno.kill(killed, "SIGKILL");
  await eventually("it is gone", () => isReaped(killed));
  await using manager = await Manager.start(box.config({ ports: ports.join(",") }), {
    state: box.state,
    command: fixtureWorker("ready"),
  });
  assert.deepEqual(manager.info.ports, ports);
  assert.deepEqual(await callControl(box.state, "status").then(pidOf), Deno.pid);
  await eventually("the orphans are gone", () => !orphans.some(alive));
  assert.equal(box.segments().length, 2);
});

function pidOf(status: unknown): number {
  return (status as ManagerStatus).pid;
}

Deno.test({
  name: "Manager.start() removes shared memory that nobody was left to remove",
  ignore: Deno.build.os === "windows", // the system does
  fn: removesSharedMemory,
});

async function removesSharedMemory(): Promise<void> {
  await using box = new Sandbox();
  const ports = await freePorts(2);
  const killed = await startInBackground(box, ports);
  const workers = await workerPids(box.state);
  for (const pid of [killed, ...workers]) Deno.kill(pid, "SIGKILL");
  await eventually("all are gone", () => isReaped(killed) && !workers.some(alive));
  assert.equal(box.segments().length, 2);
  await assert.rejects(callControl(box.state, "status"), ManagerNotRunningError);
  const left = box.segments();
  const manager = await Manager.start(box.config({ ports: ports.join(",") }), {
    state: box.state,
    command: fixtureWorker("ready"),
  });
  assert.deepEqual(box.segments().filter((name) => left.includes(name)), []);
  await manager.shutdown();
  assert.deepEqual(box.segments(), []);
}

Deno.test("a second manager process is refused and told who runs the instance", async () => {
  await using box = new Sandbox();
  const pid = await startInBackground(box, await freePorts(1));
  const second = Manager.start(box.config({ ports: String((await freePorts(1))[0]) }), {
    state: box.state,
    command: fixtureWorker("ready"),
  });
  await assert.rejects(second, (error) => {
    assert.ok(error instanceof InstanceRunningError);
    assert.equal(error.pid, pid);
    return true;
  });
  await shutdownManager(box.state);
  await eventually("its end is known here", () => isReaped(pid));
});

/** Whether this process has noticed that a child of its has ended. */
function isReaped(pid: number): boolean {
  if (Deno.build.os !== "linux") return !alive(pid);
  try {
    Deno.statSync(`/proc/${pid}`);
    return false;
  } catch {
    return true;
  }
}
