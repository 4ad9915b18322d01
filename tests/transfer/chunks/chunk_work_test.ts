import assert from "node:assert/strict";
import fc from "fast-check";
import { ChunkLevels, Chunks, ChunkWork } from "../../../transfer/mod.ts";

const MIB = 1024 * 1024;

Deno.test("Chunks cover a file without gaps, and are no more than there may be", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 45 }), (size) => {
    const chunks = new Chunks(size);
    assert.ok(chunks.count <= 16_384 && chunks.length >= 8 * MIB);
    const last = chunks.count - 1;
    assert.equal(chunks.startOf(last) + chunks.lengthOf(last), size);
    assert.ok(chunks.lengthOf(last) >= 1);
    if (last > 0) assert.equal(chunks.lengthOf(0), chunks.length);
  }));
  for (const size of [0, -1, NaN, 2 ** 45 + 1]) assert.throws(() => new Chunks(size), RangeError);
});

Deno.test("ChunkLevels are what was written down, and what makes no sense is nothing", () => {
  const size = fc.integer({ min: 1, max: 200 * MIB });
  fc.assert(fc.property(size, fc.nat(200 * MIB), (size, bytes) => {
    const chunks = new Chunks(size);
    const levels = ChunkLevels.ofPrefix(chunks, bytes);
    const read = ChunkLevels.decode(chunks, levels.encode());
    assert.equal(read.prefix, Math.min(bytes, size));
    assert.equal(read.bytes, read.prefix);
  }));
  fc.assert(fc.property(size, fc.uint8Array({ maxLength: 120 }), (size, bytes) => {
    const chunks = new Chunks(size);
    const levels = ChunkLevels.decode(chunks, bytes);
    assert.ok(levels.prefix <= levels.bytes && levels.bytes <= size);
    for (let chunk = 0; chunk < chunks.count; chunk++) {
      assert.ok(levels.of(chunk) <= chunks.lengthOf(chunk));
    }
  }));
});

/** What a mover may do next. */
const step = fc.record({
  mover: fc.nat(4),
  what: fc.constantFrom("take", "add", "done", "fail", "wrong"),
});

Deno.test("ChunkWork hands each chunk to one at a time, the first that is missing, until all are there", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(100 * MIB), fc.array(step, { maxLength: 80 }), async (have, steps) => {
      const chunks = new Chunks(100 * MIB);
      const work = new ChunkWork(ChunkLevels.ofPrefix(chunks, have));
      const taken = new Map<number, number>();
      const whole = () =>
        Array.from({ length: chunks.count }, (_, chunk) => chunk).filter((chunk) =>
          work.isWhole(chunk)
        );
      const left = () => chunks.count - whole().length - taken.size;
      const takeNext = async (mover: number) => {
        if (left() === 0) return;
        const chunk = await work.take();
        assert.ok(chunk !== undefined && !work.isWhole(chunk));
        assert.ok(![...taken.values()].includes(chunk), "Two move the same");
        for (let before = 0; before < chunk; before++) {
          assert.ok(
            work.isWhole(before) || [...taken.values()].includes(before),
            "One was left out",
          );
        }
        taken.set(mover, chunk);
      };
      for (const { mover, what } of steps) {
        const chunk = taken.get(mover);
        if (what === "wrong") {
          const [first] = whole();
          if (first !== undefined) work.giveBack(first, 0);
        } else if (chunk === undefined) {
          await takeNext(mover);
        } else if (what === "add" && work.levelOf(chunk) + 1 < chunks.lengthOf(chunk)) {
          work.add(chunk, 1);
        } else {
          taken.delete(mover);
          if (what === "done") work.done(chunk);
          else work.giveBack(chunk, work.levelOf(chunk));
        }
      }
      for (const chunk of taken.values()) work.done(chunk);
      taken.clear();
      while (left() > 0) work.done(await work.take() ?? assert.fail());
      assert.equal(whole().length, chunks.count);
      assert.equal(work.bytes, chunks.size);
      const waiting = work.take();
      work.finish();
      assert.equal(await waiting, undefined);
    }),
    { numRuns: 200 },
  );
});

Deno.test("ChunkWork takes a chunk for whole when that is said, and not when all of it was moved", async () => {
  const work = new ChunkWork(ChunkLevels.ofPrefix(new Chunks(9 * MIB), 0));
  assert.equal(await work.take(), 0);
  work.add(0, 8 * MIB);
  assert.deepEqual([work.isWhole(0), work.bytes], [false, 8 * MIB]);
  let whole = false;
  const waiting = work.whenWhole(0).then(() => whole = true);
  await Promise.resolve();
  assert.equal(whole, false);
  work.done(0);
  await waiting;
  assert.ok(work.isWhole(0));
});

Deno.test("ChunkWork ends every wait with what it fails with", async () => {
  const work = new ChunkWork(ChunkLevels.ofPrefix(new Chunks(9 * MIB), 0));
  assert.equal(await work.take(), 0);
  assert.equal(await work.take(), 1);
  const waits = [work.take(), work.whenWhole(1), work.failed];
  const cut = new AbortController();
  const own = work.take(cut.signal);
  cut.abort(new Error("Own"));
  await assert.rejects(own, { message: "Own" });
  work.done(0);
  await work.whenWhole(0);
  work.fail(new Error("First"));
  work.fail(new Error("Second"));
  for (const wait of [...waits, work.whenWhole(1), work.take()]) {
    await assert.rejects(wait, { message: "First" });
  }
});
