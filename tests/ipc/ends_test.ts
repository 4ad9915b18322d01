import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Doorbell, SharedMemory } from "../../ffi/mod.ts";
import { DEFAULT_RING_CAPACITY, Layout, toManagerRing } from "../../ipc/layout.ts";
import {
  ChannelClosedError,
  ManagerEnd,
  type ManagerMessage,
  MessageTooLargeError,
  Segment,
  SegmentCorruptError,
  type WorkerConfig,
  WorkerEnd,
  type WorkerMessage,
} from "../../ipc/mod.ts";
import { RingWord } from "../../ipc/ring.ts";
import { within } from "../ffi/within.ts";
import "../fixtures/loaded_libc.ts";

const onLinux = { ignore: Deno.build.os !== "linux" };
const PEER = fileURLToPath(new URL("./worker_peer.ts", import.meta.url));

const config: WorkerConfig = {
  instance: "test",
  host: "127.0.0.1",
  port: 4433,
  root: "/tmp",
  certificateFile: "cert.pem",
  privateKeyFile: "key.pem",
  token: "token",
  logLevel: "info",
  logFormat: "pretty",
};

function create(): ManagerEnd {
  return ManagerEnd.create({ instance: "test", port: 4433, generation: 0 });
}

function spawnPeer(manager: ManagerEnd): Deno.ChildProcess {
  const args = ["run", "-A", "--no-check", PEER, manager.name];
  return new Deno.Command(Deno.execPath(), { args }).spawn();
}

async function next<T>(messages: AsyncIterable<T>): Promise<T | undefined> {
  for await (const message of messages) return message;
}

Deno.test("ManagerEnd and WorkerEnd carry messages, heartbeats and counters", async () => {
  await using manager = create();
  await using worker = WorkerEnd.open(manager.name);
  assert.equal(worker.manager.pid, Deno.pid);
  assert.equal(worker.generation, 0);

  const start: ManagerMessage = { type: "start", config };
  const stopped: WorkerMessage = { type: "stopped" };
  await manager.send(start);
  await worker.send(stopped);
  assert.deepEqual(await next(worker.messages()), start);
  assert.deepEqual(await next(manager.messages()), stopped);

  worker.counters.add("bytesIn", 10);
  assert.equal(manager.counters.bytesIn, 10);
  worker.beat();
  const age = manager.workerHeartbeatAgeMs;
  worker.pollBeat(5);
  manager.beat();
  assert.ok(age < 1000 && manager.workerPollAgeMs < 1000 && worker.managerHeartbeatAgeMs < 1000);
  assert.equal(manager.corrupt, false);
});

Deno.test("ManagerEnd and a worker in another process talk, each asleep in between", async () => {
  await using manager = create();
  const child = spawnPeer(manager);
  const messages = manager.messages();
  for (let round = 0; round < 20; round++) {
    await manager.send({ type: "start", config: { ...config, port: 1000 + round } });
    const { value } = await within(30_000, `round ${round}`, messages.next());
    assert.deepEqual(value, { type: "ready", port: 1000 + round, pid: child.pid, msquic: "2.5.1" });
  }
  await manager.send({ type: "stop", deadlineMs: 1000 });
  assert.deepEqual((await messages.next()).value, { type: "stopped" });
  assert.ok((await child.status).success);
  assert.equal(manager.counters.requests, 21);
  assert.ok(manager.workerHeartbeatAgeMs < 30_000);
  await messages.return();
});

Deno.test("ManagerEnd.lastMessages() are those that nobody has iterated over", async () => {
  await using manager = create();
  await using worker = WorkerEnd.open(manager.name);
  const failed: WorkerMessage = { type: "failed", error: { code: "port-in-use", message: "no" } };
  const stopped: WorkerMessage = { type: "stopped" };
  await worker.send(stopped);
  assert.deepEqual(await next(manager.messages()), stopped);
  const answer = worker.request("ping", {});
  await Promise.all([worker.send(failed), worker.send(stopped)]);
  assert.deepEqual(manager.lastMessages(), [failed, stopped]);
  assert.deepEqual(manager.lastMessages(), []);
  worker[Symbol.dispose]();
  await assert.rejects(answer, ChannelClosedError);
});

Deno.test("ManagerEnd.lastMessages() ends where the ring makes no sense", async () => {
  await using manager = create();
  await using worker = WorkerEnd.open(manager.name);
  const stopped: WorkerMessage = { type: "stopped" };
  await worker.send(stopped);
  using memory = SharedMemory.open(manager.name);
  new Uint8Array(memory.buffer).fill(0xFF);
  assert.deepEqual(manager.lastMessages(), []);
  assert.equal(manager.corrupt, true);
});

Deno.test("ManagerEnd closes cleanly when its worker was killed", async () => {
  const manager = create();
  const child = spawnPeer(manager);
  await manager.send({ type: "start", config });
  const messages = manager.messages();
  await within(30_000, "ready", messages.next());
  const parked = messages.next();
  child.kill("SIGKILL");
  await child.status;
  await manager[Symbol.asyncDispose]();
  assert.equal((await parked).done, true);
  assert.throws(() => SharedMemory.open(manager.name));
});

Deno.test("ManagerEnd dispose ends what is parked and removes the name", onLinux, async () => {
  const manager = create();
  const path = `/dev/shm/${manager.name}`;
  assert.equal(Deno.statSync(path).mode! & 0o777, 0o600);
  const parked = next(manager.messages());
  manager[Symbol.dispose]();
  manager[Symbol.dispose]();
  assert.throws(() => Deno.statSync(path), Deno.errors.NotFound);
  assert.equal(await within(30_000, "the messages", parked), undefined);
  await assert.rejects(manager.send({ type: "stop", deadlineMs: 0 }), ChannelClosedError);
  await manager[Symbol.asyncDispose]();
  assert.ok(!Deno.readTextFileSync("/proc/self/maps").includes(manager.name));
});

Deno.test("both ends may be used after dispose without harm", async () => {
  const manager = create();
  const worker = WorkerEnd.open(manager.name);
  worker.counters.set("sessions", 3);
  assert.equal(manager.counters.sessions, 3);
  await worker[Symbol.asyncDispose]();
  await manager[Symbol.asyncDispose]();
  worker.beat();
  worker.pollBeat(1);
  worker.counters.add("sessions", 1);
  worker.unlink();
  manager.beat();
  assert.equal(manager.counters.sessions, 3);
  assert.equal(manager.workerHeartbeatAgeMs, Infinity);
  assert.equal(worker.managerHeartbeatAgeMs, Infinity);
});

Deno.test("WorkerEnd.unlink() removes the name in place of the manager", onLinux, async () => {
  await using manager = create();
  await using worker = WorkerEnd.open(manager.name);
  worker.unlink();
  assert.throws(() => SharedMemory.open(manager.name));
});

Deno.test("ManagerEnd.send() carries a message larger than the ring, and refuses one beyond 16 MiB", async () => {
  await using manager = create();
  await using worker = WorkerEnd.open(manager.name);
  const large: ManagerMessage = {
    type: "start",
    config: { ...config, token: "x".repeat(200_000) },
  };
  const [received] = await Promise.all([next(worker.messages()), manager.send(large)]);
  assert.deepEqual(received, large);
  const start: ManagerMessage = {
    type: "start",
    config: { ...config, token: "x".repeat(2 ** 24) },
  };
  await assert.rejects(manager.send(start), MessageTooLargeError);
});

Deno.test("ManagerEnd survives whatever a worker may leave in the segment", async () => {
  const damages: [string, (buffer: ArrayBuffer) => void][] = [
    ["a counter of its ring", (buffer) => {
      new Int32Array(buffer, toManagerRing(DEFAULT_RING_CAPACITY) + RingWord.head)[0] = 3;
    }],
    ["every byte", (buffer) => new Uint8Array(buffer).fill(0xFF)],
  ];
  for (const [what, damage] of damages) {
    await using manager = create();
    using memory = SharedMemory.open(manager.name);
    using bell = Doorbell.open(memory, Layout.managerDoorbell);
    const parked = next(manager.messages());
    damage(memory.buffer);
    bell.ring();
    await assert.rejects(within(30_000, what, parked), SegmentCorruptError, what);
    assert.ok(manager.corrupt);
  }
});

Deno.test("ManagerEnd refuses a record that is no message", async () => {
  await using manager = create();
  await using worker = Segment.open(manager.name);
  await worker.channel.send(new TextEncoder().encode('{"type":"root me"}'));
  await assert.rejects(next(manager.messages()), SegmentCorruptError);
  assert.ok(manager.corrupt);
});

Deno.test("ManagerEnd.counters are the last good ones when a worker's are no counts", async () => {
  await using manager = create();
  await using worker = WorkerEnd.open(manager.name);
  worker.counters.set("requests", 5);
  assert.equal(manager.counters.requests, 5);
  worker.counters.set("errors", NaN);
  worker.counters.set("requests", 6);
  assert.equal(manager.counters.requests, 5);
  assert.ok(manager.corrupt);
});
