import assert from "node:assert/strict";
import fc from "fast-check";
import { delay } from "../../base/mod.ts";
import { encodeEnvelope, envelopeOf } from "../../ipc/envelope.ts";
import { parseRecord } from "../../ipc/messages.ts";
import {
  ChannelClosedError,
  DeadlineExceededError,
  ManagerEnd,
  type ManagerRequests,
  type RequestHandlers,
  Segment,
  SegmentCorruptError,
  type SessionSummary,
  TooManyRequestsError,
  WorkerEnd,
} from "../../ipc/mod.ts";
import { MAX_PENDING } from "../../ipc/pending_requests.ts";
import { MANAGER_REQUESTS } from "../../ipc/requests.ts";
import { within } from "../ffi/within.ts";
import "../fixtures/loaded_libc.ts";

const session: SessionSummary = {
  id: "abc",
  peer: "127.0.0.1:1",
  agent: null,
  kind: "owner",
  identity: "owner",
  state: "active",
  since: 1,
  idleMs: 0,
  requests: 2,
  requestsTotal: 5,
  transfers: 0,
  bytesIn: 3,
  bytesOut: 4,
};

interface Ends extends AsyncDisposable {
  manager: ManagerEnd;
  worker: WorkerEnd;
}

function connected(handlers: RequestHandlers<ManagerRequests> = {}): Ends {
  const resources = new AsyncDisposableStack();
  const manager = resources.use(ManagerEnd.create({ instance: "test", port: 1, generation: 3 }));
  const worker = resources.use(WorkerEnd.open(manager.name));
  worker.serve(handlers);
  return { manager, worker, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

/** A handler that never answers by itself, and tells when it began and why it was aborted. */
function endless() {
  const begun = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<unknown>();
  function handle(_params: unknown, signal: AbortSignal): Promise<never> {
    begun.resolve();
    const { promise, reject } = Promise.withResolvers<never>();
    signal.addEventListener("abort", () => {
      aborted.resolve(signal.reason);
      reject(signal.reason);
    });
    return promise;
  }
  return { handle, begun: begun.promise, aborted: aborted.promise };
}

Deno.test("request() is answered in both directions at once", async () => {
  await using ends = connected({ ping: () => ({ time: 1 }) });
  ends.manager.serve({ ping: () => Promise.resolve({ time: 2 }) });
  const answers = await Promise.all([
    ends.manager.request("ping", {}),
    ends.worker.request("ping", {}),
  ]);
  assert.deepEqual(answers, [{ time: 1 }, { time: 2 }]);
});

Deno.test("request() pairs each answer with its question, many in flight, in any order", async () => {
  await using ends = connected({
    async kick({ session: id }) {
      const number = Number(id);
      await delay(number * 7 % 5);
      return number % 3 === 0 ? { session: { ...session, id }, transfers: [] } : { transfers: [] };
    },
  });
  const asked = Array.from({ length: MAX_PENDING }, (_, i) => i);
  const answers = await Promise.all(
    asked.map((i) => ends.manager.request("kick", { session: String(i) })),
  );
  assert.deepEqual(
    answers,
    asked.map((i) =>
      i % 3 === 0 ? { session: { ...session, id: String(i) }, transfers: [] } : { transfers: [] }
    ),
  );
});

Deno.test("request() brings an answer larger than the ring", async () => {
  const sessions = Array.from({ length: 5000 }, (_, i) => ({ ...session, id: String(i) }));
  await using ends = connected({ sessions: () => ({ sessions, handshaking: 0 }) });
  const answer = await ends.manager.request("sessions", { limit: 1000 });
  assert.deepEqual(answer, { sessions, handshaking: 0 });
});

Deno.test("request() rejects with the code and the message that the other side throws", async () => {
  class Refusal extends Error {
    readonly code = "no-way";
  }
  await using ends = connected({
    ping() {
      throw new Refusal("Not today");
    },
    kick: () => Promise.reject(new Error("Oh")),
    sessions: () => ({ sessions: [{ ...session, agent: "x".repeat(2 ** 24) }], handshaking: 0 }),
  });
  const { manager } = ends;
  const name = "RequestFailedError";
  const refused = { name, code: "no-way", message: "Not today" };
  await assert.rejects(manager.request("ping", {}), refused);
  await assert.rejects(manager.request("kick", { session: "" }), { name, code: "internal" });
  await assert.rejects(manager.request("sessions", { limit: 1 }), {
    name,
    code: "message-too-large",
  });
  const unserved = manager.request("log-level", { level: "info" });
  await assert.rejects(unserved, { name, code: "unknown-request" });
});

Deno.test("an unknown request is answered with an error, and costs nothing else", async () => {
  await using manager = ManagerEnd.create({ instance: "test", port: 1, generation: 0 });
  await using raw = Segment.open(manager.name);
  manager.serve({});
  const records = raw.channel.records();
  for (const [i, name] of ["nonsense", "toString", "__proto__", "ping"].entries()) {
    const id = i + 1;
    const request = { type: "request", id, name, deadlineMs: 1000, params: {} } as const;
    await raw.channel.send(encodeEnvelope(request));
    const { value } = await within(30_000, "the answer", records.next());
    const answer = envelopeOf(parseRecord(value!));
    assert.ok(answer?.type === "error" && answer.error.code === "unknown-request", name);
    assert.equal(answer.id, id);
  }
  await records.return();
  assert.equal(manager.corrupt, false);
});

Deno.test("request() gives up at its deadline, and the handler hears of it", async () => {
  const { handle, aborted } = endless();
  await using ends = connected({ ping: handle });
  const asked = ends.manager.request("ping", {}, { deadlineMs: 30 });
  await assert.rejects(asked, DeadlineExceededError);
  assert.ok(await within(30_000, "the handler", aborted) instanceof Error);
});

Deno.test("request() gives up with its signal, and the handler is cancelled", async () => {
  const { handle, begun, aborted } = endless();
  await using ends = connected({ ping: handle, kick: () => ({ session, transfers: [] }) });
  const controller = new AbortController();
  const asked = ends.manager.request("ping", {}, { signal: controller.signal });
  await within(30_000, "the handler", begun);
  controller.abort(new Error("Enough"));
  await assert.rejects(asked, /Enough/);
  const reason = await within(30_000, "the handler", aborted);
  assert.ok(reason instanceof DOMException && reason.name === "AbortError");
  assert.deepEqual(await ends.manager.request("kick", { session: "" }), { session, transfers: [] });
  const { signal } = controller;
  await assert.rejects(ends.manager.request("ping", {}, { signal }), /Enough/);
});

Deno.test("a cancellation that overtakes its request keeps the handler from running", async () => {
  await using manager = ManagerEnd.create({ instance: "test", port: 1, generation: 0 });
  await using worker = WorkerEnd.open(manager.name);
  const controller = new AbortController();
  const asked = manager.request("ping", {}, { signal: controller.signal });
  const afterwards = manager.request("kick", { session: "" });
  await Promise.resolve();
  controller.abort();
  await assert.rejects(asked);
  let pings = 0;
  worker.serve({ ping: () => ({ time: pings++ }), kick: () => ({ session, transfers: [] }) });
  assert.deepEqual(await within(30_000, "the second", afterwards), { session, transfers: [] });
  assert.equal(pings, 0);
});

Deno.test("an answer that comes too late is ignored", async () => {
  const late = Promise.withResolvers<{ time: number }>();
  await using ends = connected({
    ping: () => late.promise,
    kick: () => ({ session, transfers: [] }),
  });
  await assert.rejects(ends.manager.request("ping", {}, { deadlineMs: 20 }));
  late.resolve({ time: 1 });
  assert.deepEqual(await ends.manager.request("kick", { session: "" }), { session, transfers: [] });
  assert.equal(ends.manager.corrupt, false);
});

Deno.test("pending requests reject with ChannelClosedError when their end is disposed", async () => {
  const { handle, begun, aborted } = endless();
  const { manager, worker } = connected({ ping: handle });
  const asked = assert.rejects(manager.request("ping", {}), ChannelClosedError);
  const back = assert.rejects(worker.request("ping", {}), (error) => error instanceof Error);
  await within(30_000, "the handler", begun);
  await manager[Symbol.asyncDispose]();
  await asked;
  await assert.rejects(manager.request("ping", {}), ChannelClosedError);
  await worker[Symbol.asyncDispose]();
  await back;
  assert.ok(await within(30_000, "the handler", aborted) instanceof ChannelClosedError);
});

Deno.test("request() refuses more in flight than there can reasonably be, and odd deadlines", async () => {
  const { manager, worker } = connected({ ping: endless().handle });
  const asked = Array.from({ length: MAX_PENDING }, () => manager.request("ping", {}));
  const all = Promise.allSettled(asked);
  await assert.rejects(manager.request("ping", {}), TooManyRequestsError);
  for (const deadlineMs of [0, -1, 1.5, NaN, Infinity, 2 ** 31]) {
    await assert.rejects(manager.request("ping", {}, { deadlineMs }), RangeError);
  }
  await manager[Symbol.asyncDispose]();
  await worker[Symbol.asyncDispose]();
  assert.ok((await all).every(({ status }) => status === "rejected"));
});

Deno.test("request() to a worker that does not read waits without bound on memory or room", async () => {
  await using manager = ManagerEnd.create({ instance: "test", port: 1, generation: 0 });
  const session = "x".repeat(10_000);
  const asked = Array.from(
    { length: 100 },
    () => manager.request("kick", { session }, { deadlineMs: 50 }),
  );
  for (const outcome of await within(30_000, "the deadlines", Promise.allSettled(asked))) {
    assert.ok(outcome.status === "rejected" && outcome.reason instanceof DeadlineExceededError);
  }
  await within(30_000, "stop", manager.send({ type: "stop", deadlineMs: 0 }));
  await using worker = WorkerEnd.open(manager.name);
  const messages = worker.messages();
  assert.deepEqual((await messages.next()).value, { type: "stop", deadlineMs: 0 });
  await messages.return();
});

Deno.test("stop is the next message of a worker that is full of others and reads slowly", async () => {
  await using ends = connected();
  const { manager, worker } = ends;
  const config = {
    instance: "test",
    host: "127.0.0.1",
    port: 0,
    root: "/",
    certificateFile: "",
    privateKeyFile: "",
    token: "x".repeat(200),
    logLevel: "info",
    logFormat: "json",
  } as const;
  const messages = worker.messages();
  const sent = Array.from(
    { length: 2000 },
    (_, port) => manager.send({ type: "start", config: { ...config, port } }),
  );
  assert.equal((await messages.next()).value?.type, "start");
  await within(30_000, "stop", manager.send({ type: "stop", deadlineMs: 5 }));
  assert.deepEqual((await messages.next()).value, { type: "stop", deadlineMs: 5 });
  for (let port = 1; port < 2000; port++) {
    const { value } = await within(30_000, "a message", messages.next());
    assert.ok(value?.type === "start" && value.config.port === port);
  }
  await Promise.all(sent);
  await messages.return();
});

Deno.test("an answer or a request that makes no sense takes the segment for corrupt", async () => {
  const bad = [
    { type: "answer", id: 1, value: { time: "now" } },
    { type: "answer", id: 1, value: null },
    { type: "answer", id: 0, value: {} },
    { type: "error", id: 1, error: "no" },
    { type: "error", id: 1, error: { code: "", message: "" } },
    { type: "cancel", id: "1" },
    { type: "request", id: 1, name: "ping", deadlineMs: 0, params: {} },
    { type: "request", id: 1, name: "ping", deadlineMs: 1, params: { x: 1 } },
    { type: "request", id: -1, name: "ping", deadlineMs: 1, params: {} },
  ];
  for (const value of bad) {
    await using manager = ManagerEnd.create({ instance: "test", port: 1, generation: 0 });
    await using raw = Segment.open(manager.name);
    manager.serve({ ping: () => ({ time: 0 }) });
    const asked = manager.request("ping", {});
    await raw.channel.send(new TextEncoder().encode(JSON.stringify(value)));
    await assert.rejects(
      within(30_000, "the end", asked),
      SegmentCorruptError,
      JSON.stringify(value),
    );
    assert.ok(manager.corrupt);
  }
});

Deno.test("envelopes and answers of any shape are taken, or throw SegmentCorruptError", () => {
  const types = fc.constantFrom("request", "answer", "error", "cancel", "other");
  const envelope = fc.record({
    type: types,
    id: fc.oneof(fc.integer(), fc.jsonValue()),
    name: fc.oneof(fc.string(), fc.constant("ping")),
    deadlineMs: fc.oneof(fc.integer(), fc.jsonValue()),
    params: fc.jsonValue(),
    value: fc.jsonValue(),
    error: fc.oneof(fc.jsonValue(), fc.record({ code: fc.string(), message: fc.string() })),
  }, { requiredKeys: ["type"] });
  function survives(take: () => unknown): void {
    try {
      take();
    } catch (error) {
      if (!(error instanceof SegmentCorruptError)) throw error;
    }
  }
  fc.assert(fc.property(fc.oneof(envelope, fc.jsonValue()), (value) => {
    survives(() => envelopeOf(value));
    for (const { params, answer } of Object.values(MANAGER_REQUESTS)) {
      survives(() => params(value));
      survives(() => answer(value));
    }
  }));
});
