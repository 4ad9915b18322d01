import assert from "node:assert/strict";
import { defaultMemoryLimit, MemoryWatch } from "../../../worker/life/memory_watch.ts";

const MIB = 2 ** 20;

function watch(heapLimit = 4096 * MIB) {
  const usage = { rss: 100 * MIB, heapUsed: 10 * MIB };
  const told: string[] = [];
  const watched = new MemoryWatch({
    limitBytes: 1024 * MIB,
    underWay: () => ["test.hoard (32768)"],
    onFull: (message) => told.push(message),
    usage: () => usage,
    heapLimit: () => Promise.resolve(heapLimit),
  });
  return { usage, told, watched };
}

Deno.test("MemoryWatch tells once, when little has been left for four looks in a row, and whose requests there are", () => {
  const { usage, told, watched } = watch();
  watched.note();
  usage.rss = 900 * MIB;
  watched.note();
  watched.note();
  usage.rss = 500 * MIB; // it was garbage
  watched.note();
  usage.rss = 900 * MIB;
  watched.note();
  watched.note();
  watched.note();
  assert.deepEqual(told, []);
  watched.note();
  watched.note();
  assert.deepEqual(told, [
    "Memory is 900 MiB of 1024 MiB (memoryLimitBytes); requests are under way of test.hoard (32768); " +
    "the worker left before it was used up",
  ]);
});

Deno.test("MemoryWatch knows how large V8 lets the heap become, once it is not small any more", async () => {
  const { usage, told, watched } = watch(600 * MIB);
  usage.heapUsed = 580 * MIB;
  watched.note();
  await Promise.resolve();
  for (let look = 0; look < 4; look++) watched.note();
  assert.match(told.join(), /^Heap has 580 MiB of the 600 MiB that V8 allows; /);
});

Deno.test("defaultMemoryLimit() is a quarter of the machine's memory, 512 MiB at least, and what clients may take", () => {
  assert.equal(defaultMemoryLimit(64 * MIB, 1024 * MIB), 576 * MIB);
  assert.equal(defaultMemoryLimit(512 * MIB, 16_384 * MIB), (4096 + 512) * MIB);
});
