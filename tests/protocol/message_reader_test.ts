import assert from "node:assert/strict";
import fc from "fast-check";
import { concat, delay } from "../../base/mod.ts";
import {
  type ByteSource,
  encodeMessage,
  Flags,
  MAX_BODY_LENGTH,
  type Message,
  MessageReader,
  ProtocolError,
} from "../../protocol/mod.ts";
import { chunkedSource, cuts, wholeSource } from "./chunked_source.ts";

function messages(): fc.Arbitrary<Message> {
  return fc.record({
    type: fc.integer({ min: 0, max: 0xffff }),
    flags: fc.constantFrom(0, Flags.response, Flags.data),
    body: fc.dictionary(
      fc.stringMatching(/^[a-z]{1,9}$/),
      fc.oneof(fc.string({ unit: "grapheme" }), fc.maxSafeInteger(), fc.uint8Array()),
      { noNullPrototype: true },
    ),
  }, { noNullPrototype: true });
}

async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk.slice());
  return concat(parts);
}

Deno.test("MessageReader reads messages and raw bytes however they are cut", async () => {
  const exchanges = fc.array(fc.tuple(messages(), fc.uint8Array({ maxLength: 200 })));
  await fc.assert(fc.asyncProperty(exchanges, cuts(), async (wanted, lengths) => {
    const bytes = concat(wanted.flatMap(([message, raw]) => [encodeMessage(message), raw]));
    const reader = new MessageReader(chunkedSource(bytes, lengths));
    const got: [Message, Uint8Array][] = [];
    for (const [index, [, raw]] of wanted.entries()) {
      const message = await reader.readMessage();
      const data = index % 2 === 0
        ? await readAll(reader.chunks(raw.length))
        : await reader.readExactly(raw.length);
      got.push([message, data]);
    }
    await reader.expectEnd();
    assert.deepEqual(got, wanted);
  }));
});

Deno.test("MessageReader.peekRest() shows what is left where all of it is there", async () => {
  const message = encodeMessage({ type: 1, flags: Flags.data, body: {} });
  const raw = new Uint8Array([1, 2, 3]);
  const reader = new MessageReader(wholeSource(concat([message, raw])));
  await reader.readMessage();
  assert.equal(reader.peekRest(), undefined, "More may follow");
  const ended = new MessageReader(endedSource(concat([message, raw])));
  await ended.readMessage();
  assert.deepEqual(ended.peekRest(), raw);
  assert.equal(ended.atEnd, false);
  assert.deepEqual(await ended.readExactly(1), raw.subarray(0, 1));
  assert.deepEqual(ended.peekRest(), raw.subarray(1));
  ended.skipRest();
  assert.equal(ended.atEnd, true);
  await ended.expectEnd();
});

Deno.test("MessageReader.gatherRest() makes one chunk of what comes, and loses nothing", async () => {
  const limits = fc.nat({ max: 300 });
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 200 }),
      cuts(),
      limits,
      async (raw, lengths, limit) => {
        const message = encodeMessage({ type: 1, flags: Flags.data, body: {} });
        const reader = new MessageReader(chunkedSource(concat([message, raw]), lengths));
        await reader.readMessage();
        await reader.gatherRest(limit, new AbortController().signal);
        const whole = reader.peekRest();
        if (whole !== undefined) assert.deepEqual(whole, raw);
        else assert.ok(raw.length > limit, `${raw.length} bytes are within ${limit}`);
        assert.deepEqual(await readAll(reader.rest()), raw);
      },
    ),
  );
});

Deno.test("MessageReader.gatherRest() keeps what has come when it is given up", async () => {
  const late = new AbortController();
  const more = Promise.withResolvers<Uint8Array>();
  const chunks = [Uint8Array.of(1, 2), Uint8Array.of(3)];
  const reader = new MessageReader({
    read: (options) => {
      const chunk = chunks.shift();
      if (chunk !== undefined) return Promise.resolve(chunk);
      if (options?.signal === undefined) return more.promise;
      late.abort();
      return Promise.reject(late.signal.reason);
    },
  });
  await reader.gatherRest(100, late.signal);
  assert.equal(reader.peekRest(), undefined);
  more.resolve(Uint8Array.of(4));
  assert.deepEqual(await reader.readExactly(4), Uint8Array.of(1, 2, 3, 4));
});

Deno.test("MessageReader.gatherRest() passes on what breaks the source", async () => {
  const reader = new MessageReader({ read: () => Promise.reject(new Error("gone")) });
  await assert.rejects(reader.gatherRest(100, new AbortController().signal), /gone/);
});

/** A source of one chunk that knows at once that nothing follows it. */
function endedSource(bytes: Uint8Array): ByteSource {
  const chunks: (Uint8Array | null)[] = [bytes];
  return { exhausted: true, read: () => Promise.resolve(chunks.shift() ?? null) };
}

Deno.test("MessageReader answers rubbish with ProtocolError alone", async () => {
  const valid = messages().map((message) => encodeMessage(message));
  const rubbish = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc.uint8Array({ maxLength: 100 }).map((bytes) =>
      concat([Uint8Array.of(1, 0, 0, 2, 0, 0), bytes])
    ),
    fc.tuple(valid, fc.nat(), fc.nat(255)).map(([bytes, position, byte]) => {
      bytes[position % bytes.length] = byte;
      return bytes;
    }),
    fc.tuple(valid, fc.nat()).map(([bytes, length]) => bytes.subarray(0, length % bytes.length)),
  );
  const run = fc.asyncProperty(rubbish, cuts(), async (bytes, lengths) => {
    const reader = new MessageReader(chunkedSource(bytes, lengths));
    try {
      await reader.readMessage();
      await reader.expectEnd();
    } catch (error) {
      assert.ok(error instanceof ProtocolError, String(error));
    }
  });
  await fc.assert(run, { numRuns: 1000 });
});

Deno.test("MessageReader.readMessage() refuses every part of a message", async () => {
  const whole = encodeMessage({ type: 2, body: { token: "abc" } });
  for (let length = 0; length < whole.length; length++) {
    const reader = new MessageReader(chunkedSource(whole.subarray(0, length), [3]));
    await assert.rejects(reader.readMessage(), { code: "bad-frame" }, `${length} bytes`);
  }
});

Deno.test("MessageReader.readMessage() refuses a large body without waiting for it", async () => {
  const header = Uint8Array.of(1, 0, 0, 2, 0, 4, 0, 1);
  const endless = { read: () => Promise.resolve(header.slice()) };
  await assert.rejects(new MessageReader(endless).readMessage(), { code: "body-too-large" });
});

Deno.test("MessageReader.readMessage() takes a body of the greatest length", async () => {
  const text = "x".repeat(MAX_BODY_LENGTH - 8);
  const bytes = encodeMessage({ type: 3, body: { a: text } });
  assert.equal(bytes.length, 8 + MAX_BODY_LENGTH);
  const { body } = await new MessageReader(chunkedSource(bytes, [1400])).readMessage();
  assert.deepEqual(body, { a: text });
  assert.throws(() => encodeMessage({ type: 3, body: { a: `${text}x` } }), {
    code: "body-too-large",
  });
});

Deno.test("MessageReader.chunks() hands on the source's own chunks", async () => {
  const chunks = [new Uint8Array(100_000), new Uint8Array(50_000)];
  const queue = [...chunks];
  const reader = new MessageReader({ read: () => Promise.resolve(queue.shift() ?? null) });
  const memory: ArrayBufferLike[] = [];
  for await (const chunk of reader.chunks(120_000)) memory.push(chunk.buffer);
  assert.deepEqual(memory, chunks.map((chunk) => chunk.buffer));
  assert.equal((await reader.readExactly(30_000)).length, 30_000);
});

Deno.test("MessageReader.rest() hands on everything up to the end", async () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, index) => index);
  await fc.assert(fc.asyncProperty(cuts(), fc.nat(100), async (lengths, start) => {
    const reader = new MessageReader(chunkedSource(bytes, lengths));
    await reader.readExactly(start);
    assert.deepEqual(await readAll(reader.rest()), bytes.subarray(start));
    await reader.expectEnd();
  }));
});

Deno.test("MessageReader says size-mismatch when raw bytes are missing", async () => {
  const short = () => new MessageReader(wholeSource(new Uint8Array(9)));
  await assert.rejects(short().readExactly(10), { code: "size-mismatch" });
  await assert.rejects(readAll(short().chunks(10)), { code: "size-mismatch", message: /9 of 10/ });
});

Deno.test("MessageReader.expectEnd() refuses more bytes, in this chunk or a later one", async () => {
  const bytes = new Uint8Array(10);
  for (const lengths of [[10], [9, 1], [9, 0, 1]]) {
    const reader = new MessageReader(chunkedSource(bytes, lengths));
    await reader.readExactly(9);
    await assert.rejects(reader.expectEnd(), { code: "bad-frame" });
  }
  const reader = new MessageReader(wholeSource(bytes));
  await assert.rejects(reader.expectEnd("size-mismatch"), { code: "size-mismatch" });
});

Deno.test("MessageReader does not read on after the end", async () => {
  let reads = 0;
  const reader = new MessageReader({
    read() {
      reads++;
      return Promise.resolve(null);
    },
  });
  await reader.expectEnd();
  await reader.expectEnd();
  await assert.rejects(reader.readMessage(), { code: "bad-frame" });
  assert.equal(reads, 1);
});

Deno.test("MessageReader stops when the signal aborts", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const given: (AbortSignal | undefined)[] = [];
  const reader = new MessageReader({
    read(options) {
      given.push(options?.signal);
      controller.abort(new Error("Enough"));
      return Promise.resolve(new Uint8Array(4));
    },
  });
  await assert.rejects(reader.readMessage({ signal }), { message: "Enough" });
  assert.deepEqual(given, [signal]);
});

Deno.test("MessageReader takes no memory for what is only announced", async () => {
  const readers = 200;
  const { promise: never } = Promise.withResolvers<null>();
  const head = encodeMessage({
    type: 1,
    flags: 0,
    body: { a: new Uint8Array(MAX_BODY_LENGTH - 100) },
  });
  const reading: Promise<unknown>[] = [];
  const before = Deno.memoryUsage().external;
  for (let index = 0; index < readers; index++) {
    const chunks = [head.slice(0, 9)];
    const read = () => Promise.resolve(chunks.pop() ?? never);
    reading.push(new MessageReader({ read }).readMessage());
  }
  await delay(0);
  const taken = Deno.memoryUsage().external - before;
  assert.ok(taken < readers * MAX_BODY_LENGTH / 10, `${taken} bytes for ${reading.length} bodies`);
});
