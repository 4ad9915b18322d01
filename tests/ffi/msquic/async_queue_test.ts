import assert from "node:assert/strict";
import { AsyncQueue } from "../../../ffi/msquic/async_queue.ts";

/** Notes what it is handed. */
function noting() {
  const taken: (number | "end")[] = [];
  const taker = {
    take: (item: number) => void taken.push(item),
    end: () => void taken.push("end"),
  };
  return { taken, taker };
}

Deno.test("AsyncQueue hands over what is there, what comes, and the end, in order", async () => {
  const queue = new AsyncQueue<number>();
  queue.push(1);
  const { taken, taker } = noting();
  queue.handTo(taker);
  queue.push(2);
  assert.deepEqual(taken, []);
  await Promise.resolve();
  assert.deepEqual(taken, [1, 2]);
  queue.push(3);
  await Promise.resolve();
  queue.end();
  queue.end();
  assert.equal(queue.push(4), false);
  await Promise.resolve();
  assert.deepEqual(taken, [1, 2, 3, "end"]);
});

Deno.test("AsyncQueue that has ended tells so whom it is handed to then", async () => {
  const queue = new AsyncQueue<number>();
  queue.push(1);
  queue.end();
  const { taken, taker } = noting();
  queue.handTo(taker);
  await Promise.resolve();
  assert.deepEqual(taken, [1, "end"]);
});

Deno.test("AsyncQueue does not hand over what was drained before", async () => {
  const queue = new AsyncQueue<number>();
  const { taken, taker } = noting();
  queue.handTo(taker);
  queue.push(1);
  assert.deepEqual([queue.size, queue.drain(), queue.size], [1, [1], 0]);
  queue.end();
  await Promise.resolve();
  assert.deepEqual(taken, ["end"]);
});

Deno.test("AsyncQueue is iterated to its end", async () => {
  const queue = new AsyncQueue<number>();
  queue.push(1);
  queue.push(2);
  const items: number[] = [];
  queueMicrotask(() => {
    queue.push(3);
    queue.end();
  });
  for await (const item of queue) items.push(item);
  assert.deepEqual(items, [1, 2, 3]);
});
