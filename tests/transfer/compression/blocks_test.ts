import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { concat } from "../../../base/mod.ts";
import {
  encodeBlockHeader,
  MAX_BLOCK_LENGTH,
  MessageReader,
  ProtocolError,
} from "../../../protocol/mod.ts";
import { LatePool } from "../../../tasks/mod.ts";
import { BlockSink, type BlockSinkOptions, BlockSource } from "../../../transfer/mod.ts";
import { compress } from "../../../transfer/compression/zstd.ts";
import { lendingSource, MemorySink } from "../memory_streams.ts";
import { noise, text } from "./contents.ts";
import { FakeTasks } from "./fake_tasks.ts";
import { testWithZstandard } from "../../fixtures/zstandard.ts";

/** Sends pieces, the last one with `fin`. @returns What came out of it. */
async function send(
  pieces: readonly Uint8Array[],
  options: Omit<BlockSinkOptions, "tasks"> & Partial<Pick<BlockSinkOptions, "tasks">>,
  sink = new MemorySink(1),
): Promise<MemorySink> {
  const blocks = new BlockSink(sink, { tasks: new FakeTasks(), ...options });
  const last = pieces.length - 1;
  await Promise.all(pieces.map((piece, index) => blocks.send(piece, { fin: index === last })));
  const { length } = sink.bytes;
  assert.equal(blocks.wireBytes, length);
  assert.deepEqual(sink.sent.map(({ fin }) => fin).indexOf(true), sink.sent.length - 1);
  return sink;
}

/** What is read of blocks; each chunk is looked at before the next one comes. */
async function read(
  bytes: Uint8Array,
  chunkLength = 100_000,
  tasks: BlockSinkOptions["tasks"] = new FakeTasks(),
): Promise<Uint8Array> {
  const source = new BlockSource(new MessageReader(lendingSource(bytes, chunkLength)), tasks);
  const chunks: Uint8Array[] = [];
  for await (const chunk of new MessageReader(source).rest()) chunks.push(chunk.slice());
  return concat(chunks);
}

testWithZstandard(
  "What was sent in blocks comes out as it was, however it was cut, and whatever it was",
  async () => {
    const piece = fc.record({
      length: fc.oneof(
        fc.integer({ min: 1, max: 2000 }),
        fc.integer({ min: 1, max: 200_000 }),
        fc.constant(MAX_BLOCK_LENGTH + 32),
      ),
      kind: fc.constantFrom(text, noise),
    });
    const property = fc.asyncProperty(
      fc.array(piece, { minLength: 1, maxLength: 6 }),
      fc.constantFrom("auto" as const, "zstd" as const),
      fc.boolean(),
      fc.constantFrom(undefined, 0, 20),
      fc.integer({ min: 500, max: 300_000 }),
      async (wanted, mode, tellsLength, roundTripMs, chunkLength) => {
        const pieces = wanted.map(({ length, kind }) => kind(length));
        const whole = concat(pieces);
        const sink = Object.assign(new MemorySink(1), { roundTripMs });
        const length = tellsLength ? { length: whole.length } : {};
        await send(pieces, { mode, ...length }, sink);
        const back = await read(sink.bytes, chunkLength);
        assert.ok(Buffer.from(whole).equals(back));
      },
    );
    await fc.assert(property, { numRuns: 25 });
  },
);

testWithZstandard(
  "Threads make less of what can be compressed, and of the rest nothing more than headers",
  async () => {
    await using tasks = new LatePool({ threads: 1 });
    const sink = await send([text(MAX_BLOCK_LENGTH), noise(MAX_BLOCK_LENGTH)], {
      mode: "zstd",
      tasks,
    });
    const [compressed, bare] = sink.sent.filter(({ data }) => data.length > 8);
    assert.ok(compressed!.data.length < MAX_BLOCK_LENGTH / 5);
    assert.equal(bare?.data.length, MAX_BLOCK_LENGTH);
    const back = await read(sink.bytes, 100_000, tasks);
    assert.equal(back.length, 2 * MAX_BLOCK_LENGTH);
    assert.equal(tasks.figures.tasks["compress"]?.done, 2);
    assert.equal(tasks.figures.tasks["decompress"]?.done, 1);
  },
);

testWithZstandard(
  "Where no thread is to be had, blocks go as they are, and are decompressed all the same",
  async () => {
    const tasks = new FakeTasks();
    const whole = text(300_000);
    const sink = await send([whole], { mode: "zstd", tasks });
    assert.ok(sink.bytes.length < whole.length / 5);
    tasks.failure = new Error("Too many wait already");
    const bare = await send([whole], { mode: "zstd", tasks });
    assert.equal(bare.bytes.length, whole.length + 8);
    assert.deepEqual(await read(sink.bytes, 1000, tasks), whole);
  },
);

Deno.test("Without memory to be lent blocks go as they are, and what was lent is given back", async () => {
  const lent = { bytes: 0, most: 0 };
  const lender = {
    lend(bytes: number) {
      if (lent.bytes + bytes > 100_000) return false;
      lent.bytes += bytes;
      lent.most = Math.max(lent.most, lent.bytes);
      return true;
    },
    giveBack: (bytes: number) => void (lent.bytes -= bytes),
    crowded: false,
    noteProgress() {},
  };
  const large = await send([text(200_000)], { mode: "zstd", lender });
  assert.equal(large.bytes.length, 200_008);
  const small = await send([text(60_000), noise(60_000), text(60_000)], { mode: "zstd", lender });
  assert.deepEqual((await read(small.bytes)).length, 180_000);
  assert.deepEqual(lent, { bytes: 0, most: 60_000 });
});

testWithZstandard(
  "Bytes that cannot be compressed are tried now and then, and go in long blocks meanwhile",
  async () => {
    const tasks = new FakeTasks();
    const sink = Object.assign(new MemorySink(1), { roundTripMs: 20 });
    const length = 20 * MAX_BLOCK_LENGTH;
    const blocks = new BlockSink(sink, { tasks, mode: "auto", length });
    const piece = noise(MAX_BLOCK_LENGTH);
    for (let index = 0; index < 20; index++) await blocks.send(piece);
    assert.equal(tasks.counts.get("compress"), undefined); // a part of each that was tried has said enough
    // Those that are tried are the first, the 3rd, the 6th, the 11th and the 20th.
    assert.equal(blocks.wireBytes, length + (5 + 4) * 8);
  },
);

Deno.test("A sink that fails has all sends fail that wait, and nothing is left under way", async () => {
  const failing = new class extends MemorySink {
    protected override finishSend(): Promise<void> {
      return Promise.reject(new Error("Gone"));
    }
  }(1);
  const blocks = new BlockSink(failing, { tasks: new FakeTasks(), mode: "zstd" });
  const sends = [1, 2, 3, 4, 5].map(() => blocks.send(text(100_000)));
  blocks.abort(5);
  const ends = await Promise.allSettled(sends);
  assert.deepEqual(ends.map(({ status }) => status), new Array(5).fill("rejected"));
  assert.deepEqual(failing.aborts, [5]);
  assert.equal(failing.inFlight, 0);
});

testWithZstandard(
  "A block that lies, bursts or breaks off is refused, with no more memory than it may have",
  async () => {
    const frame = compress(text(50_000), 1);
    const bomb = compress(new Uint8Array(64 * MAX_BLOCK_LENGTH), 3);
    const block = (length: number, body: Uint8Array) =>
      concat([encodeBlockHeader({ length, sent: body.length }), body]);
    const cases: [string, Uint8Array, string][] = [
      ["expands beyond", block(MAX_BLOCK_LENGTH, bomb), "bad-block"],
      ["has more in it", block(49_999, frame), "bad-block"],
      ["has less in it", block(50_001, frame), "bad-block"],
      ["is no frame", block(50_000, noise(400)), "bad-block"],
      ["is a part of a frame", block(50_000, frame.subarray(0, -20)), "bad-block"],
      ["has something behind it", block(50_000, concat([frame, noise(9)])), "bad-block"],
      ["breaks off", block(50_000, frame).subarray(0, -1), "size-mismatch"],
      ["breaks off as it is", block(500, noise(500)).subarray(0, -1), "size-mismatch"],
      ["breaks off in its header", block(50_000, frame).subarray(0, 5), "size-mismatch"],
    ];
    for (const [what, bytes, code] of cases) {
      await assert.rejects(read(bytes), { code }, what);
      // What comes before it is still to be had.
      await assert.rejects(read(concat([block(50_000, frame), bytes])), { code }, what);
    }
  },
);

testWithZstandard("Whatever is sent as blocks comes to bytes or to a refusal", async () => {
  const frame = compress(text(5000), 1);
  const good = concat([encodeBlockHeader({ length: 5000, sent: frame.length }), frame]);
  const spoilt = fc.array(
    fc.record({ at: fc.nat(good.length - 1), byte: fc.nat(255) }),
    { minLength: 1, maxLength: 4 },
  ).map((changes) => {
    const bytes = good.slice();
    for (const { at, byte } of changes) bytes[at] = byte;
    return bytes;
  });
  const any = fc.oneof(spoilt, fc.uint8Array({ maxLength: 200 }));
  const property = fc.asyncProperty(fc.array(any, { maxLength: 3 }), async (parts) => {
    try {
      await read(concat(parts), 37);
    } catch (error) {
      assert.ok(error instanceof ProtocolError, String(error));
      assert.ok(["bad-block", "size-mismatch"].includes(error.code), error.code);
    }
  });
  await fc.assert(property, { numRuns: 200 });
});
