import assert from "node:assert/strict";
import { delay } from "../../base/mod.ts";
import { SharedMemory } from "../../ffi/mod.ts";
import { DEFAULT_RING_CAPACITY, Layout, toManagerRing, toWorkerRing } from "../../ipc/layout.ts";
import {
  inspectSegment,
  ManagerEnd,
  PeerReplacedError,
  SegmentCorruptError,
  type SessionSummary,
  type Sibling,
  WorkerEnd,
  type WorkerIdentity,
} from "../../ipc/mod.ts";
import { RecordKind, RingProducer, RingWord } from "../../ipc/ring.ts";
import { within } from "../ffi/within.ts";
import "../fixtures/loaded_libc.ts";

const IDENTITY: WorkerIdentity = {
  port: 4433,
  digest: "d",
  msquic: "2.5.1",
  uptimeMs: 5,
  leaving: false,
};

/** More than fits into a ring. */
const MANY_SIBLINGS: Sibling[] = Array.from(
  { length: 5000 },
  (_, index) => ({ port: 1 + index, sessions: 0, transfers: 0 }),
);
const MANY_SESSIONS: SessionSummary[] = Array.from({ length: 3000 }, (_, index) => ({
  id: String(index),
  peer: "127.0.0.1:1",
  agent: null,
  kind: "owner",
  identity: "owner",
  state: "active",
  since: 0,
  idleMs: 0,
  requests: 0,
  requestsTotal: 0,
  transfers: 0,
  bytesIn: 0,
  bytesOut: 0,
}));

/** A worker whose manager is to go. */
class Pair implements AsyncDisposable {
  readonly first = ManagerEnd.create({ instance: "test", port: 4433, generation: 3, keep: true });
  readonly worker = WorkerEnd.open(this.first.name);
  readonly #ends: ManagerEnd[] = [];

  /** The manager is gone, and another takes over. */
  async takeOver(): Promise<ManagerEnd> {
    await this.first.letGo();
    const next = ManagerEnd.takeOver(this.first.name);
    this.#ends.push(next);
    return next;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends) await end[Symbol.asyncDispose]();
    await this.worker[Symbol.asyncDispose]();
    await this.first[Symbol.asyncDispose]();
    SharedMemory.unlink(this.first.name);
  }
}

async function identify(end: ManagerEnd): Promise<void> {
  assert.deepEqual(await within(30_000, "the answer", end.request("identify", {})), IDENTITY);
}

Deno.test("ManagerEnd.takeOver() begins anew with a worker that has nothing to say", async () => {
  await using pair = new Pair();
  pair.worker.serve({ identify: () => IDENTITY });
  await identify(pair.first);
  const next = await pair.takeOver();
  await identify(next);
  await identify(next);
  assert.equal(next.generation, 3);
  assert.equal(pair.worker.manager.pid, Deno.pid);
});

Deno.test("ManagerEnd.takeOver() ignores half of a message that the worker was sending", async () => {
  await using pair = new Pair();
  const asked = Promise.withResolvers<void>();
  pair.worker.serve({
    identify: () => IDENTITY,
    sessions() {
      asked.resolve();
      return { sessions: MANY_SESSIONS, handshaking: 0 };
    },
  });
  const unanswered = pair.first.request("sessions", { limit: 1000 });
  unanswered.catch(() => {});
  await asked.promise;
  const next = await pair.takeOver();
  await assert.rejects(unanswered, { code: "channel-closed" });
  await identify(next);
  const { sessions } = await within(
    30_000,
    "a large answer",
    next.request("sessions", { limit: 1000 }),
  );
  assert.equal(sessions.length, MANY_SESSIONS.length);
});

Deno.test("a worker forgets half of a message of a manager that is gone, and reads the next one's", async () => {
  await using pair = new Pair();
  const sent = pair.first.send({ type: "siblings", siblings: MANY_SIBLINGS });
  sent.catch(() => {});
  const next = await pair.takeOver();
  await assert.rejects(sent, { code: "channel-closed" });
  pair.worker.serve({ identify: () => IDENTITY });
  await identify(next);
  const messages = pair.worker.messages();
  const told = next.send({ type: "siblings", siblings: MANY_SIBLINGS });
  const { value } = await within(30_000, "the message", messages.next());
  await told;
  assert.ok(value?.type === "siblings" && value.siblings.length === MANY_SIBLINGS.length);
  await messages.return();
});

Deno.test("what a manager that is gone has asked is given up, and its answer not sent", async () => {
  await using pair = new Pair();
  const begun = Promise.withResolvers<AbortSignal>();
  pair.worker.serve({
    identify: () => IDENTITY,
    kick(_, signal) {
      begun.resolve(signal);
      return new Promise((resolve) =>
        signal.addEventListener("abort", () => resolve({ transfers: [] }))
      );
    },
  });
  pair.first.request("kick", { session: "1" }).catch(() => {});
  const signal = await begun.promise;
  const next = await pair.takeOver();
  // Has the same id as the request of the one before.
  await identify(next);
  assert.ok(signal.reason instanceof PeerReplacedError);
});

Deno.test("what a worker has asked of a manager that is gone is refused", async () => {
  await using pair = new Pair();
  pair.worker.serve({ identify: () => IDENTITY });
  const asked = pair.worker.request("ping", {});
  asked.catch(() => {});
  const next = await pair.takeOver();
  next.serve({ ping: () => ({ time: 7 }) });
  await assert.rejects(within(30_000, "the refusal", asked), PeerReplacedError);
  assert.deepEqual(await within(30_000, "an answer", pair.worker.request("ping", {})), { time: 7 });
});

Deno.test("ManagerEnd.takeOver() wakes a worker whose wake-up was lost with the manager", async () => {
  await using pair = new Pair();
  pair.worker.serve({ identify: () => IDENTITY });
  await identify(pair.first);
  using memory = SharedMemory.open(pair.first.name);
  const asleep = new Int32Array(memory.buffer, toWorkerRing() + RingWord.consumerAsleep, 1);
  await within(30_000, "the worker sleeps", eventually(() => Atomics.load(asleep, 0) === 1));
  // As a manager that was killed between taking the sign and ringing.
  Atomics.store(asleep, 0, 0);
  await identify(await pair.takeOver());
});

Deno.test("ManagerEnd.takeOver() follows one that was gone before it got an answer", async () => {
  await using pair = new Pair();
  await (await pair.takeOver()).letGo();
  const second = await pair.takeOver();
  second.request("identify", {}).catch(() => {});
  await second.letGo();
  const third = await pair.takeOver();
  pair.worker.serve({ identify: () => IDENTITY });
  await identify(third);
});

Deno.test("a worker that says it was taken over, and was not, is corrupt", async () => {
  await using pair = new Pair();
  using memory = SharedMemory.open(pair.first.name);
  const capacity = DEFAULT_RING_CAPACITY;
  new RingProducer(memory.buffer, toManagerRing(capacity), capacity, 3)
    .push(new Uint8Array(4), RecordKind.takeover);
  await assert.rejects(pair.first.messages().next(), SegmentCorruptError);
});

Deno.test("inspectSegment() tells who the worker is, and what is wrong", async () => {
  await using pair = new Pair();
  const { name } = pair.first;
  const facts = inspectSegment(name);
  assert.deepEqual([facts?.worker.pid, facts?.keep, facts?.problem], [Deno.pid, true, undefined]);
  using memory = SharedMemory.open(name);
  new Uint32Array(memory.buffer)[Layout.version / 4] = 99;
  assert.match(inspectSegment(name)?.problem?.message ?? "", /version 99/);
  assert.equal(inspectSegment(`${name}0`), undefined);
});

async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5);
}
