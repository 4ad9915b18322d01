import assert from "node:assert/strict";
import * as v from "valibot";
import { delay } from "../../base/mod.ts";
import { connect } from "../../client/mod.ts";
import { builtinHandlers, defineHandler, HandlerRegistry } from "../../handlers/messages/mod.ts";
import { defineMessage, type MessageDefinition } from "../../protocol/mod.ts";
import { type Bench, withServer } from "../fixtures/server.ts";

const number = v.pipe(v.number(), v.integer(), v.minValue(0));
const NOTHING = v.object({});

const double = defineMessage({
  type: 0x8000,
  name: "test.double",
  request: v.object({ number }),
  response: v.object({ result: number }),
});
const count = defineMessage({
  type: 0x8001,
  name: "test.count",
  request: v.object({ to: number, of: v.optional(number) }),
  response: v.object({ number, data: v.optional(v.instance(Uint8Array)) }),
  sequence: true,
});
const bytes = defineMessage({
  type: 0x8002,
  name: "test.bytes",
  request: v.object({ length: number }),
  response: v.object({ length: number }),
});
const hang = defineMessage({
  type: 0x8003,
  name: "test.hang",
  request: NOTHING,
  response: NOTHING,
});

/** Runs a server with handlers for all of them. */
async function withHandlers(
  test: (bench: Bench & { made: () => number; hung: AbortSignal[] }) => Promise<void>,
): Promise<void> {
  let made = 0;
  const hung: AbortSignal[] = [];
  const handlers = new HandlerRegistry([
    ...builtinHandlers(),
    defineHandler(double, ({ number }) => ({ result: 2 * number })),
    defineHandler(count, async function* ({ to, of = 0 }) {
      for (let number = 0; number < to; number++) {
        made++;
        yield of === 0 ? { number } : { number, data: new Uint8Array(of) };
        if (number % 100 === 99) await delay(0);
      }
    }),
    defineHandler(bytes, async ({ length }, context) => {
      const answer = context.replyWithData({ length });
      for (let sent = 0; sent < length; sent += 100_000) {
        await answer.send(new Uint8Array(Math.min(100_000, length - sent)).fill(7));
      }
      return answer;
    }),
    defineHandler(hang, (_request, { signal }) => {
      hung.push(signal);
      return new Promise(() => {});
    }),
  ]);
  await withServer((bench) => test({ ...bench, made: () => made, hung }), { handlers });
}

function accessTo({ server, token, fingerprint }: Bench) {
  return { server, token, fingerprint };
}

Deno.test("call asks with a definition whose schemas check both ways, and types them", async () => {
  await withHandlers(async (bench) => {
    await using client = await connect(accessTo(bench));
    const { result } = await client.call(double, { number: 21 });
    assert.equal(result satisfies number, 42);
    await assert.rejects(client.call(double, { number: -1 }), {
      code: "bad-body",
      message: /^Field "number" is wrong: Invalid value/,
    });
    const other: MessageDefinition<{ number: number }, { other: string }> = {
      ...double,
      parseResponse: defineMessage({
        type: 0x8000,
        name: "test.other",
        request: NOTHING,
        response: v.object({ other: v.string() }),
      }).parseResponse,
    };
    await assert.rejects(client.call(other, { number: 1 }), { code: "bad-body" });
  });
});

Deno.test("stream takes a sequence as it comes, no further than it is wanted", async () => {
  await withHandlers(async (bench) => {
    await using client = await connect(accessTo(bench));
    const numbers: number[] = [];
    for await (const { number } of client.stream(count, { to: 1000 })) numbers.push(number);
    assert.deepEqual(numbers, Array.from({ length: 1000 }, (_, n) => n));
    assert.deepEqual(await Array.fromAsync(client.stream(count, { to: 0 })), []);
    const one = await Array.fromAsync(client.stream(double.type, { number: 4 }));
    assert.deepEqual(one, [{ result: 8 }]);

    const before = bench.made();
    for await (const { number } of client.stream(count, { to: 100_000, of: 10_000 })) {
      if (number === 3) break;
    }
    // It ends: nothing more is made, and what was made is what the windows hold.
    await delay(100);
    const made = bench.made() - before;
    await delay(100);
    assert.equal(bench.made() - before, made);
    assert.ok(made < 5000, `${made} of 10 kB`);
    await assert.rejects(Array.fromAsync(client.stream(count.type, { to: "x" })), {
      code: "bad-body",
    });
  });
});

Deno.test("stream ends with its signal, and with its connection", async () => {
  await withHandlers(async (bench) => {
    await using client = await connect({ ...accessTo(bench), failover: false });
    const stop = new AbortController();
    const taking = Array.fromAsync(
      client.stream(count, { to: 1e9, of: 1000 }, { signal: stop.signal }),
    );
    await delay(20);
    stop.abort(new Error("Enough"));
    await assert.rejects(taking, { message: "Enough" });
    const cut = Array.fromAsync(client.stream(count, { to: 1e9, of: 1000 }));
    const lost = assert.rejects(cut);
    await delay(20);
    await bench.running.close();
    await lost;
  });
});

Deno.test("receive takes a body and the bytes behind it", async () => {
  await withHandlers(async (bench) => {
    await using client = await connect(accessTo(bench));
    const { body, data } = await client.receive(bytes, { length: 3_000_000 });
    assert.deepEqual(body, { length: 3_000_000 });
    let length = 0;
    for await (const chunk of data) {
      length += chunk.length;
      assert.ok(chunk.every((byte) => byte === 7));
    }
    assert.equal(length, 3_000_000);
    await assert.rejects(client.receive(bytes.type, { length: "x" }), { code: "bad-body" });
  });
});

Deno.test("timeoutMs ends a call here and on the server, which serves on", async () => {
  await withHandlers(async (bench) => {
    await using client = await connect(accessTo(bench));
    const start = performance.now();
    const late = client.call(hang, {}, { timeoutMs: 100 });
    // Whichever is first to say so.
    await assert.rejects(late, { code: /^(?:timeout|deadline-exceeded)$/ });
    assert.ok(performance.now() - start >= 95);
    const [signal] = bench.hung;
    for (let n = 0; n < 1000 && !signal?.aborted; n++) await delay(5);
    assert.equal(signal?.aborted, true);
    await assert.rejects(client.call(hang, {}, { timeoutMs: 0 }), { code: "invalid-option" });
    assert.deepEqual(await client.call(double, { number: 1 }, { timeoutMs: 10_000 }), {
      result: 2,
    });
    // What an echo is asked with comes back as it was.
    assert.deepEqual(await client.call(3, { a: 1 }, { timeoutMs: 10_000 }), { a: 1 });
  });
});

Deno.test("defineMessage refuses what cannot be a message", () => {
  const good = { type: 0x8000, name: "a.b", request: NOTHING, response: NOTHING };
  const cases: [object, RegExp][] = [
    [{ type: 0x7fff }, /"a\.b": its type must be a whole number from 32768 to 65535, not 32767$/],
    [{ type: 0x10000 }, /not 65536$/],
    [{ type: "32768.5" }, /its type/],
    [{ name: "A B" }, /"A B": a name is like "example\.shout"$/],
    [{ name: undefined }, /a name is like/],
    [{ right: "none" }, /its right must be one of .*, not none$/],
    [{ right: [] }, /its right must be one of .*, not $/],
    [{ right: ["read", "none"] }, /its right must be one of .*, not read,none$/],
    [{ request: {} }, /its request must be a schema/],
    [{ response: undefined }, /its response must be a schema/],
  ];
  for (const [wrong, message] of cases) {
    assert.throws(() => defineMessage({ ...good, ...wrong } as typeof good), {
      code: "invalid-definition",
      message,
    });
  }
  const { type, name, right, sequence } = defineMessage(good);
  assert.deepEqual({ type, name, right, sequence }, {
    ...{ type: 0x8000, name: "a.b", right: "use", sequence: false },
  });
});
