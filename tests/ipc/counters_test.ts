import assert from "node:assert/strict";
import { COUNTER_NAMES } from "../../base/mod.ts";
import { COUNTER_BLOCK_BYTES, CounterBlock, emptyCounters } from "../../ipc/counters.ts";
import { COUNTERS_BYTES, LAYOUT_VERSION, TURN_TIMES_BYTES } from "../../ipc/layout.ts";
import { TURN_TIMES_BLOCK_BYTES, TurnTimesBlock } from "../../ipc/turn_times_block.ts";

Deno.test("CounterBlock shows what was added and set, to a reader of the same memory", () => {
  const buffer = new ArrayBuffer(COUNTERS_BYTES);
  const written = new CounterBlock(buffer, 0);
  const read = new CounterBlock(buffer, 0);
  assert.deepEqual(read.snapshot(), emptyCounters());
  written.add("sessions", 2);
  written.add("sessions", -1);
  written.add("bytesIn", 2 ** 40);
  written.add("bytesIn", 3);
  written.set("rssBytes", 12345);
  const expected = { ...emptyCounters(), sessions: 1, bytesIn: 2 ** 40 + 3, rssBytes: 12345 };
  assert.deepEqual(read.snapshot(), expected);
});

Deno.test("CounterBlock.snapshot() is null when a word is no count", () => {
  for (const value of [NaN, Infinity, -Infinity, -1]) {
    const buffer = new ArrayBuffer(COUNTERS_BYTES);
    new Float64Array(buffer)[4] = value;
    assert.equal(new CounterBlock(buffer, 0).snapshot(), null, String(value));
  }
});

Deno.test("Counters have the words that those of another version of the program read", () => {
  assert.equal(LAYOUT_VERSION, 6);
  assert.deepEqual(COUNTER_NAMES.slice(0, 10), [
    ...["sessions", "sessionsTotal", "transfers", "transfersTotal", "requests", "errors"],
    ...["bytesIn", "bytesOut", "rssBytes", "cpuMicros"],
  ]);
  const memory = new Float64Array(COUNTERS_BYTES / 8);
  const block = new CounterBlock(memory.buffer, 0);
  for (const [word, name] of COUNTER_NAMES.entries()) block.set(name, word + 1);
  assert.deepEqual(Array.from(memory.slice(0, 10)), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

Deno.test("CounterBlock fits the place that the layout gives it", () => {
  assert.ok(COUNTER_BLOCK_BYTES <= COUNTERS_BYTES);
});

Deno.test("TurnTimesBlock fits its place, and is read as it was written", () => {
  assert.ok(TURN_TIMES_BLOCK_BYTES <= TURN_TIMES_BYTES);
  const buffer = new ArrayBuffer(TURN_TIMES_BYTES);
  const counts = Array.from({ length: TURN_TIMES_BLOCK_BYTES / 8 }, (_, index) => index);
  new TurnTimesBlock(buffer, 0).show(counts);
  assert.deepEqual(new TurnTimesBlock(buffer, 0).snapshot(), counts);
  new Float64Array(buffer)[2] = -1;
  assert.equal(new TurnTimesBlock(buffer, 0).snapshot(), null);
});
