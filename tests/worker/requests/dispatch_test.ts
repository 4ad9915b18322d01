import assert from "node:assert/strict";
import fc from "fast-check";
import { delay } from "../../../base/mod.ts";
import { StreamAbortedError } from "../../../ffi/mod.ts";
import { HandlerRegistry, type MessageHandler } from "../../../handlers/messages/mod.ts";
import {
  ApplicationError,
  encodeMessage,
  Flags,
  isWireErrorCode,
  MAX_BODY_LENGTH,
  MessageType,
} from "../../../protocol/mod.ts";
import { FileNotFoundError } from "../../../transfer/mod.ts";
import { within } from "../../ffi/within.ts";
import { FakeStream, SessionBench } from "../fakes.ts";

const CUSTOM = 0x8000;
const ERROR = Flags.response | Flags.error;

/** A session that has one handler. */
function benchWith(handle: MessageHandler["handle"]): Promise<SessionBench> {
  const handlers = new HandlerRegistry([{ type: CUSTOM, name: "custom", right: "use", handle }]);
  return SessionBench.open({ handlers });
}

function unavailable(): Promise<never> {
  return Promise.reject(new Error("Not to be called"));
}

Deno.test("dispatch hands the context to the handler of the type", async () => {
  let seen: unknown;
  await using bench = await benchWith(({ body, data, session, storage }) => {
    seen = { body, data, session: session.id, owner: storage.owner };
    return { answer: 42 };
  });
  const { type, flags, body } = await bench.connection.request(CUSTOM, { a: 1 }).answer();
  assert.deepEqual({ type, flags, body }, {
    type: CUSTOM,
    flags: Flags.response,
    body: { answer: 42 },
  });
  const session = bench.session.id;
  assert.deepEqual(seen, { body: { a: 1 }, data: undefined, session, owner: "test" });
});

Deno.test("dispatch answers errors that have a code with it, others with internal", async () => {
  const cases: [unknown, string, RegExp][] = [
    [new FileNotFoundError("/secret/path is not there"), "not-found", /^No such file$/],
    [new Error("secret"), "internal", /^Server failed/],
    ["secret", "internal", /^Server failed/],
    [undefined, "internal", /^Server failed/],
  ];
  for (const [error, code, message] of cases) {
    await using bench = await benchWith(() => Promise.reject(error));
    const { type, flags, body } = await bench.connection.request(CUSTOM, {}).answer();
    assert.deepEqual([type, flags, body.code], [CUSTOM, ERROR, code]);
    assert.match(String(body.message), message);
    assert.deepEqual(bench.failures, code === "internal" ? [{ error, type: CUSTOM }] : []);
  }
});

Deno.test("dispatch answers internal when the handler throws before it is async, or says nothing", async () => {
  for (const handle of [() => raise(), () => Promise.resolve()]) {
    await using bench = await benchWith(handle);
    const { body } = await bench.connection.request(CUSTOM, {}).answer();
    assert.equal(body.code, "internal");
  }
});

function raise(): never {
  throw new Error("Sudden");
}

Deno.test("dispatch keeps the answer when the handler fails after it, or answers twice", async () => {
  await using bench = await benchWith(async (context) => {
    const answer = context.replyWithData({ first: true });
    await answer.send(new Uint8Array([1]), { fin: true });
    return context.replyWithData({ second: true });
  });
  const stream = bench.connection.request(CUSTOM, {});
  assert.deepEqual((await stream.answer()).body, { first: true });
  await within(30_000, "the stream's end", stream.closed);
  assert.equal(stream.abortedWith, undefined);
});

Deno.test("dispatch resets the stream when a handler fails in the middle of its data", async () => {
  await using bench = await benchWith(async (context) => {
    await context.replyWithData({ size: 10 }).send(new Uint8Array(5));
    throw new Error("The disk is on fire");
  });
  const stream = bench.connection.request(CUSTOM, {});
  await stream.over();
  assert.equal(stream.abortedWith, ApplicationError.internal);
});

Deno.test("dispatch ends data for a handler that does not", async () => {
  await using bench = await benchWith(async (context) => {
    await context.replyWithData({}).send(new Uint8Array([1, 2]));
  });
  const { flags, data } = await bench.connection.request(CUSTOM, {}).answer();
  assert.equal(flags, Flags.response | Flags.data);
  assert.deepEqual(data, new Uint8Array([1, 2]));
});

Deno.test("dispatch refuses an answer that is too large, which can still be answered", async () => {
  const text = "x".repeat(MAX_BODY_LENGTH);
  await using bench = await benchWith(() => ({ text }));
  assert.equal((await bench.connection.request(CUSTOM, {}).answer()).body.code, "body-too-large");
});

Deno.test("dispatch answers protocol violations with the type and stops the client", async () => {
  const whole = encodeMessage({ type: CUSTOM, body: { a: "b" } });
  const cases: [string, Uint8Array][] = [
    ["bad-version", Uint8Array.from(whole, (byte, i) => i === 0 ? 9 : byte)],
    ["bad-frame", Uint8Array.from(whole, (byte, i) => i === 1 ? 0x80 : byte)],
    ["body-too-large", Uint8Array.from(whole, (byte, i) => i === 4 ? 0xff : byte)],
    ["bad-body", Uint8Array.from(whole, (byte, i) => i === 8 ? 0xc1 : byte)],
  ];
  await using bench = await benchWith(unavailable);
  for (const [code, bytes] of cases) {
    const stream = bench.connection.open(new FakeStream([bytes], { open: true }));
    const { type, flags, body } = await stream.answer();
    assert.deepEqual([type, flags, body.code], [CUSTOM, ERROR, code]);
    assert.equal(stream.stoppedWith, ApplicationError.protocol);
  }
});

Deno.test("dispatch answers a stream that ends too early with bad-frame", async () => {
  const whole = encodeMessage({ type: CUSTOM, body: { a: "b" } });
  await using bench = await benchWith(unavailable);
  for (const length of [0, 1, 3, 4, 8, whole.length - 1]) {
    const { type, body } = await bench.connection.open(new FakeStream([whole.subarray(0, length)]))
      .answer();
    assert.equal(body.code, "bad-frame");
    assert.equal(type, length < 4 ? 0 : CUSTOM);
  }
});

Deno.test("dispatch refuses unknown types and answers as requests", async () => {
  await using bench = await benchWith(unavailable);
  const { connection } = bench;
  assert.equal((await connection.request(CUSTOM + 1, {}).answer()).body.code, "unknown-type");
  assert.equal(
    (await connection.request(MessageType.hello, {}).answer()).body.code,
    "unknown-type",
  );
  const answer = encodeMessage({ type: CUSTOM, flags: Flags.response, body: {} });
  const stream = connection.open(new FakeStream([answer]));
  assert.equal((await stream.answer()).body.code, "bad-frame");
});

Deno.test("dispatch stops data that a refused request still brings", async () => {
  await using bench = await benchWith(() => Promise.reject(new FileNotFoundError("None")));
  const head = encodeMessage({ type: CUSTOM, flags: Flags.data, body: {} });
  const stream = bench.connection.open(new FakeStream([head], { open: true }));
  assert.equal((await stream.answer()).body.code, "not-found");
  await within(30_000, "the stream's end", stream.closed);
  assert.equal(stream.stoppedWith, ApplicationError.refused);
});

Deno.test("dispatch stops bytes that follow a request without data", async () => {
  await using bench = await benchWith(() => ({}));
  const head = encodeMessage({ type: CUSTOM, body: {} });
  const stream = bench.connection.open(new FakeStream([head, new Uint8Array(9)], { open: true }));
  assert.equal((await stream.answer()).flags, Flags.response);
  await within(30_000, "the stream's end", stream.closed);
  assert.equal(stream.stoppedWith, ApplicationError.protocol);
});

Deno.test("dispatch resets a stream that its client has reset, and tells the handler's signal", async () => {
  const aborted = Promise.withResolvers<void>();
  await using bench = await benchWith(async (context) => {
    context.signal.addEventListener("abort", () => aborted.resolve());
    assert.equal(context.signal.aborted, false);
    await context.data?.readExactly(100);
  });
  const head = encodeMessage({ type: CUSTOM, flags: Flags.data, body: {} });
  const stream = bench.connection.open(new FakeStream([head], { open: true }));
  stream.clientResets();
  await within(30_000, "the signal", aborted.promise);
  assert.equal(stream.abortedWith, ApplicationError.cancelled);
  assert.equal(bench.counters.values.errors, undefined);
});

Deno.test("dispatch survives a client that does not want the answer", async () => {
  const failSends = new StreamAbortedError("Stream no longer read by the peer with code 5", 5);
  for (const handle of [() => ({}), () => raise()]) {
    await using bench = await benchWith(handle);
    const head = encodeMessage({ type: CUSTOM, body: {} });
    const stream = bench.connection.open(new FakeStream([head], { failSends }));
    await stream.over();
    assert.notEqual(stream.abortedWith, undefined);
    assert.equal((await bench.connection.request(CUSTOM, {}).answer()).type, CUSTOM);
  }
});

Deno.test("dispatch counts transfers while they are under way", async () => {
  const gate = Promise.withResolvers<void>();
  await using bench = await benchWith(async (context) => {
    using transfer = context.beginTransfer();
    await gate.promise;
    transfer[Symbol.dispose](); // a second time at the end counts nothing
    return {};
  });
  const { values } = bench.counters;
  const stream = bench.connection.request(CUSTOM, {});
  while (values.transfers !== 1) await delay(1);
  gate.resolve();
  await stream.answer();
  assert.deepEqual([values.transfers, values.transfersTotal], [0, 1]);
});

Deno.test("dispatch ends every stream of rubbish with an error answer or a reset", async () => {
  const valid = encodeMessage({ type: MessageType.ping, body: { list: [1, "two", null] } });
  const mutated = fc.tuple(fc.nat(valid.length - 1), fc.nat(255)).map(([at, byte]) =>
    Uint8Array.from(valid, (old, i) => i === at ? byte : old)
  );
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 600 }), mutated);
  await using bench = await SessionBench.open();
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { maxLength: 3 }), fc.boolean(), async (chunks, resets) => {
      const stream = bench.connection.open(new FakeStream(chunks, { open: true }));
      if (resets) stream.clientResets();
      else stream.clientEnds();
      await stream.over();
      if (stream.abortedWith !== undefined) return;
      const { flags, body } = await stream.answer();
      assert.ok(flags === Flags.response || isWireErrorCode(body.code));
    }),
    { numRuns: 500 },
  );
  const { flags } = await bench.connection.request(MessageType.ping, {}).answer();
  assert.equal(flags, Flags.response);
});

Deno.test("session ends every connection that begins with rubbish", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), fc.boolean(), async (bytes, resets) => {
      await using bench = await SessionBench.open({ hello: false });
      const stream = bench.connection.open(new FakeStream([bytes], { open: true }));
      if (resets) stream.clientResets();
      else stream.clientEnds();
      assert.equal(await bench.connection.ended(), ApplicationError.unauthenticated);
    }),
    { numRuns: 100 },
  );
});
