import assert from "node:assert/strict";
import { delay } from "../../../base/mod.ts";
import { builtinHandlers, HandlerRegistry } from "../../../handlers/messages/mod.ts";
import {
  ApplicationError,
  encodeMessage,
  Flags,
  MAX_EARLY_BYTES,
  MAX_EARLY_STREAMS,
  MessageType,
} from "../../../protocol/mod.ts";
import { FakeStream, SessionBench, TOKEN } from "../fakes.ts";

const { echo, hello, ping } = MessageType;
const BODY = { text: "early" };

/** A session, and which types of requests it has handled. */
async function openBench(): Promise<{ bench: SessionBench; handled: number[] }> {
  const handled: number[] = [];
  const handlers = new HandlerRegistry(
    builtinHandlers().map((handler) => ({
      ...handler,
      handle: (exchange) => {
        handled.push(handler.type);
        return handler.handle(exchange);
      },
    })),
  );
  return { bench: await SessionBench.open({ hello: false, handlers }), handled };
}

function greeting(token: string): Uint8Array {
  return encodeMessage({ type: hello, body: { token } });
}

function echoOf(data: Uint8Array): Uint8Array[] {
  return [encodeMessage({ type: echo, flags: Flags.data, body: BODY }), data];
}

/** Lets everything run that can. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await delay(0);
}

Deno.test("session serves what came before hello when the token is right, and not before", async () => {
  const { bench, handled } = await openBench();
  await using _bench = bench;
  const { connection } = bench;
  const first = connection.open(new FakeStream([greeting(TOKEN).subarray(0, 9)], { open: true }));
  const data = crypto.getRandomValues(new Uint8Array(3000));
  const whole = connection.open(new FakeStream(echoOf(data)));
  const [head, rest] = echoOf(data);
  const partly = connection.open(new FakeStream([head!, rest!.subarray(0, 10)], { open: true }));
  await settle();
  partly.clientSends(rest!.subarray(10, 500));
  await settle();
  assert.deepEqual(handled, []);
  assert.equal(bench.counters.values.requests, undefined);

  first.clientSends(greeting(TOKEN).subarray(9));
  first.clientEnds();
  assert.equal((await first.answer()).flags, Flags.response);
  partly.clientSends(rest!.subarray(500));
  partly.clientEnds();
  for (const stream of [whole, partly]) {
    const answer = await stream.answer();
    assert.deepEqual(answer.body, BODY);
    assert.deepEqual(answer.data, data);
  }
  assert.deepEqual(handled, [echo, echo]);
});

Deno.test("session resets what came before a wrong token, and does nothing with it", async () => {
  const { bench, handled } = await openBench();
  await using _bench = bench;
  const { connection } = bench;
  const first = connection.open(new FakeStream([greeting("wrong")]));
  const early = connection.open(new FakeStream(echoOf(new Uint8Array(100))));
  assert.equal((await first.answer()).body.code, "wrong-token");
  assert.equal(await connection.ended(), ApplicationError.unauthenticated);
  assert.equal(early.abortedWith, ApplicationError.unauthenticated);
  assert.deepEqual(handled, []);
});

Deno.test("session keeps few streams and bytes of who has not said hello, and resets the others", async () => {
  const { bench, handled } = await openBench();
  await using _bench = bench;
  const { connection } = bench;
  const first = connection.open(new FakeStream([], { open: true }));
  const small = connection.request(ping, {});
  const large = connection.open(new FakeStream([], { open: true }));
  for (let sent = 0; sent <= MAX_EARLY_BYTES; sent += 16_384) {
    large.clientSends(new Uint8Array(16_384));
    await settle();
  }
  await large.over();
  const others = Array.from(
    { length: 20 },
    () => connection.open(new FakeStream([], { open: true })),
  );
  await others.at(-1)?.over();
  const reset = others.filter(({ abortedWith }) => abortedWith !== undefined);
  assert.equal(reset.length, 20 - (MAX_EARLY_STREAMS - 2));
  for (const stream of [large, ...reset]) {
    assert.equal(stream.abortedWith, ApplicationError.unauthenticated);
  }

  first.clientSends(greeting(TOKEN));
  first.clientEnds();
  assert.equal((await small.answer()).flags, Flags.response);
  assert.deepEqual(handled, [ping]);
});
