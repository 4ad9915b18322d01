import assert from "node:assert/strict";
import { builtinHandlers, HandlerRegistry } from "../../../handlers/messages/mod.ts";
import {
  ApplicationError,
  encodeDatagram,
  encodeMessage,
  Flags,
  MessageType,
} from "../../../protocol/mod.ts";
import { FakeStream, SessionBench } from "../fakes.ts";

const { ping, echo } = MessageType;
const ERROR = Flags.response | Flags.error;

function open(requestsPerSecond: number): Promise<SessionBench> {
  return SessionBench.open({
    handlers: new HandlerRegistry(builtinHandlers()),
    limits: { requestsPerSecond, streams: 4 },
  });
}

Deno.test("session refuses more requests in a second than there may be, says when, and serves then", async () => {
  await using bench = await open(20);
  const { connection, counters } = bench;
  const streams = Array.from({ length: 30 }, () => connection.request(ping, {}));
  const answers = await Promise.all(streams.map((stream) => stream.answer()));
  const refused = answers.filter(({ flags }) => flags === ERROR);
  assert.ok(refused.length >= 10, `${refused.length}`);
  for (const { type, body } of refused) {
    assert.deepEqual([type, body.code], [ping, "too-many-requests"]);
    assert.match(String(body.message), /so many have come/);
  }
  const waits = refused.map(({ body }) => Number(body.retryAfterMs));
  assert.ok(waits.every((wait) => wait >= 1 && wait <= 10_000), waits.join());
  assert.equal(counters.values.overLimit, refused.length);
  assert.equal(counters.values.errors, refused.length);
  await new Promise((resolve) => setTimeout(resolve, 60)); // a token takes 50 ms
  assert.equal((await connection.request(ping, {}).answer()).flags, Flags.response);
  assert.equal(bench.session.state, "active");
});

Deno.test("session reads no more of a request that it refuses than its type", async () => {
  await using bench = await open(1);
  const { connection } = bench;
  await connection.request(ping, {}).answer();
  const begun = encodeMessage({ type: echo, flags: Flags.data, body: {} });
  const stream = connection.open(new FakeStream([begun.subarray(0, 3)], { open: true }));
  stream.clientSends(begun.subarray(3));
  const { type, flags, body } = await stream.answer();
  assert.deepEqual([type, flags, body.code], [echo, ERROR, "too-many-requests"]);
  assert.equal(stream.stoppedWith, ApplicationError.refused);
});

Deno.test("session takes no notice of datagrams beyond that", async () => {
  await using bench = await open(4);
  const { connection, counters } = bench;
  for (let number = 0; number < 10; number++) {
    connection.bringDatagram(encodeDatagram(number, { type: ping, flags: 0, body: {} }));
  }
  assert.ok(connection.datagrams.length <= 4);
  assert.equal(counters.values.overLimit, 10 - connection.datagrams.length);
});

Deno.test("session ends with a client that does not stop", async () => {
  await using bench = await open(1);
  const { connection } = bench;
  for (let sent = 0; sent < 400; sent++) {
    connection.request(ping, {}).clientResets();
  }
  assert.equal(await connection.ended(), ApplicationError.refused);
});
