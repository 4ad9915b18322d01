import assert from "node:assert/strict";
import { HandlerRegistry, type MessageHandler } from "../../../handlers/messages/mod.ts";
import {
  ApplicationError,
  encodeMessage,
  Flags,
  MAX_BODY_LENGTH,
  MessageType,
  ProtocolError,
} from "../../../protocol/mod.ts";
import { FakeStream, SessionBench } from "../fakes.ts";

const CUSTOM = 0x8000;
const ERROR = Flags.response | Flags.error;

/** A session with a handler that can do without waiting, and what was asked of it in which way. */
async function benchWith(answer: (body: unknown) => unknown) {
  const calls: string[] = [];
  let opening = false;
  const handler: MessageHandler = {
    type: CUSTOM,
    name: "custom",
    right: "use",
    atOnce: true,
    handle({ body }) {
      calls.push(opening ? "at once" : "later");
      return answer(body);
    },
  };
  const bench = await SessionBench.open({ handlers: new HandlerRegistry([handler]) });
  const { connection } = bench;
  const open = connection.open.bind(connection);
  connection.open = (stream) => {
    opening = true;
    try {
      return open(stream);
    } finally {
      opening = false;
    }
  };
  return { bench, calls, [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose]() };
}

const request = (body: unknown, flags = 0) => encodeMessage({ type: CUSTOM, flags, body });

Deno.test("A request that has come as a whole is answered at once, with the same answer", async () => {
  const data = new Uint8Array([1, 2, 3]);
  const bytes = request({ data });
  const streams: [string, () => FakeStream][] = [
    ["at once", () => new FakeStream([bytes])],
    ["later", () => new FakeStream([bytes.subarray(0, 5), bytes.subarray(5)])],
    ["later", () => new FakeStream([request({ data }, Flags.data), new Uint8Array(10)])],
  ];
  for (const [how, make] of streams) {
    await using served = await benchWith((body) => body);
    const { bench, calls } = served;
    const stream = bench.connection.open(make());
    const { type, flags, body } = await stream.answer();
    assert.deepEqual({ type, flags, body }, {
      type: CUSTOM,
      flags: Flags.response,
      body: { data: Uint8Array.from(data) },
    });
    assert.deepEqual(calls, [how]);
    await stream.closed;
  }
});

Deno.test("A request that is answered at once is counted, and waited for", async () => {
  await using served = await benchWith(() => ({}));
  const { bench } = served;
  const { requests: before = 0 } = bench.counters.values;
  const bytes = request({});
  const stream = bench.connection.open(new FakeStream([bytes]));
  await stream.answer();
  await bench.session.drain({ successors: [], deadlineMs: 100 });
  assert.equal(bench.session.requests, 0);
  assert.equal(bench.counters.values.requests, before + 1);
  assert.equal(bench.counters.values.errors ?? 0, 0);
  assert.ok(bench.session.bytesIn >= bytes.length && bench.session.bytesOut > 0);
});

Deno.test("What goes wrong in a request that is answered at once costs it alone, and happens once", async () => {
  const cases: [() => unknown, string][] = [
    [() => raise(new Error("secret")), "internal"],
    [() => raise(new ProtocolError("bad-body", "Field is missing")), "bad-body"],
    [() => ({ data: new Uint8Array(MAX_BODY_LENGTH) }), "body-too-large"],
    [() => undefined, "internal"],
    [() => Promise.resolve({}), "internal"],
  ];
  for (const [answer, code] of cases) {
    await using served = await benchWith(answer);
    const { bench, calls } = served;
    const { flags, body } = await bench.connection.request(CUSTOM, {}).answer();
    assert.deepEqual([flags, body.code], [ERROR, code]);
    assert.deepEqual(calls, ["at once"]);
    assert.equal(bench.failures.length, code === "internal" ? 1 : 0);
    assert.equal(bench.counters.values.errors, 1);
    assert.equal((await bench.connection.request(CUSTOM, {}).answer()).flags, ERROR);
  }
});

Deno.test("An answer of some length is sent whole, and an answer that nobody wants costs its stream alone", async () => {
  await using served = await benchWith(() => ({ data: new Uint8Array(200_000).fill(7) }));
  const { bench } = served;
  const { body } = await bench.connection.request(CUSTOM, {}).answer();
  const data = body.data as Uint8Array;
  assert.ok(data.length === 200_000 && data.every((byte) => byte === 7));
  const failSends = new Error("The client does not want it");
  bench.connection.open(new FakeStream([request({})], { failSends }));
  assert.equal((await bench.connection.request(CUSTOM, {}).answer()).flags, Flags.response);
});

Deno.test("Nothing is answered at once before the client has shown the token, nor after the end", async () => {
  const calls: unknown[] = [];
  const handler: MessageHandler = {
    type: CUSTOM,
    name: "custom",
    right: "use",
    atOnce: true,
    handle: ({ body }) => calls.push(body),
  };
  const handlers = new HandlerRegistry([handler]);
  {
    await using bench = await SessionBench.open({ handlers, hello: false });
    await bench.connection.request(MessageType.ping, {}).over();
    bench.connection.request(CUSTOM, {});
    assert.equal(await bench.connection.ended(), ApplicationError.unauthenticated);
  }
  await using bench = await SessionBench.open({ handlers });
  bench.session.close("stopped");
  const late = new FakeStream([request({})]);
  bench.session.take(late);
  assert.equal((await late.answer()).body.code, "shutting-down");
  assert.deepEqual(calls, []);
});

function raise(error: Error): never {
  throw error;
}
