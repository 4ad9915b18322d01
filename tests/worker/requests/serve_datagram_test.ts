import assert from "node:assert/strict";
import {
  builtinHandlers,
  defineHandler,
  HandlerConflictError,
  HandlerRegistry,
} from "../../../handlers/messages/mod.ts";
import {
  decodeDatagram,
  encodeDatagram,
  Flags,
  MAX_BODY_LENGTH,
  type MessageDefinition,
  MessageType,
} from "../../../protocol/mod.ts";
import { SessionBench } from "../fakes.ts";

const ANY = (body: unknown) => body as Record<string, unknown>;
const own: MessageDefinition<Record<string, unknown>, Record<string, unknown>> = {
  ...{ type: 0x8000, name: "own", right: "use" },
  ...{ parseRequest: ANY, parseResponse: ANY },
};

function benchWith(serve: () => Record<string, unknown>, hello = true): Promise<SessionBench> {
  const options = { atOnce: true, datagrams: true };
  const handlers = new HandlerRegistry([...builtinHandlers(), defineHandler(own, serve, options)]);
  return SessionBench.open({ handlers, hello });
}

/** What a session answers to a datagram; nothing, if it does not. */
function ask({ connection }: SessionBench, type: number, body: unknown = {}, flags = 0) {
  const before = connection.datagrams.length;
  connection.bringDatagram(encodeDatagram(4711, { type, flags, body }));
  const bytes = connection.datagrams[before];
  assert.ok(connection.datagrams.length <= before + 1);
  const datagram = bytes && decodeDatagram(bytes, MAX_BODY_LENGTH);
  assert.equal(datagram?.number ?? 4711, 4711);
  return datagram?.message as
    | { type: number; flags: number; body: Record<string, unknown> }
    | undefined;
}

Deno.test("A request in a datagram is answered with one, and counted", async () => {
  await using bench = await benchWith(() => ({ mine: true }));
  const { requests: before = 0 } = bench.counters.values;
  const { type, flags, body } = ask(bench, MessageType.ping)!;
  assert.deepEqual([type, flags, typeof body.time], [MessageType.ping, Flags.response, "number"]);
  assert.deepEqual(ask(bench, own.type)?.body, { mine: true });
  assert.equal(bench.counters.values.requests, before + 2);
});

Deno.test("A datagram before hello, of rubbish, or that is an answer, counts as lost", async () => {
  {
    await using stranger = await benchWith(() => ({}), false);
    assert.equal(ask(stranger, MessageType.ping), undefined);
  }
  await using bench = await benchWith(() => ({}));
  assert.equal(ask(bench, MessageType.ping, {}, Flags.response), undefined);
  for (const length of [0, 3, 4, 11, 12, 1200]) {
    bench.connection.bringDatagram(new Uint8Array(length).fill(0xa5));
  }
  assert.equal(bench.connection.datagrams.length, 0);
  assert.equal(ask(bench, MessageType.ping)?.flags, Flags.response);
});

Deno.test("What goes wrong with a datagram is answered with one", async () => {
  let serve = (): Record<string, unknown> => ({});
  await using bench = await benchWith(() => serve());
  const codes = (type: number) => ask(bench, type)?.body.code;
  assert.equal(codes(MessageType.echo), "unknown-type", "echo takes no datagrams");
  assert.equal(codes(0x9999), "unknown-type");
  serve = () => ({ data: new Uint8Array(bench.connection.maxDatagramLength) });
  assert.equal(codes(own.type), "body-too-large");
  serve = () => {
    throw new Error("secret");
  };
  assert.equal(codes(own.type), "internal");
  serve = () => Promise.resolve({}) as never;
  assert.equal(codes(own.type), "internal");
  assert.equal(bench.failures.length, 2);
});

Deno.test("A handler that waits takes no datagrams", () => {
  const handler = defineHandler(own, () => ({}), { datagrams: true });
  assert.throws(() => new HandlerRegistry([handler]), HandlerConflictError);
});
