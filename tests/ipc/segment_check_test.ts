import assert from "node:assert/strict";
import { SharedMemory } from "../../ffi/mod.ts";
import {
  DEFAULT_RING_CAPACITY,
  Layout,
  toManagerRing,
  toManagerUrgentRing,
  toWorkerRing,
  toWorkerUrgentRing,
} from "../../ipc/layout.ts";
import { ManagerEnd, WorkerEnd } from "../../ipc/mod.ts";
import { RingWord } from "../../ipc/ring.ts";
import "../fixtures/loaded_libc.ts";

function makeEnd(): ManagerEnd {
  return ManagerEnd.create({ instance: "check", port: 4433, generation: 7 });
}

const RINGS = [
  toWorkerUrgentRing(),
  toManagerUrgentRing(),
  toWorkerRing(),
  toManagerRing(DEFAULT_RING_CAPACITY),
];
const WORDS = [
  ...[Layout.magic, Layout.version, Layout.generation, Layout.ringCapacity],
  ...RINGS.flatMap((ring) => [ring + RingWord.head, ring + RingWord.tail]),
];

for (const offset of WORDS) {
  Deno.test(`ManagerEnd.corrupt tells without a message when byte ${offset} is written over`, async () => {
    await using end = makeEnd();
    assert.equal(end.corrupt, false);
    using memory = SharedMemory.open(end.name);
    new DataView(memory.buffer).setUint32(offset, 0x4D3C_2B1A, true);
    assert.equal(end.corrupt, true);
    new DataView(memory.buffer).setUint32(offset, 0, true);
    assert.equal(end.corrupt, true, "once is enough");
  });
}

Deno.test("ManagerEnd.corrupt stays false while messages go both ways", async () => {
  await using end = makeEnd();
  await using worker = WorkerEnd.open(end.name);
  const stop = new AbortController();
  const read = async (messages: AsyncIterable<unknown>, count: number) => {
    for await (const _ of messages) if (--count === 0) return;
  };
  const COUNT = 3000;
  const reading = [
    read(worker.messages(stop.signal), COUNT),
    read(end.messages(stop.signal), COUNT),
  ];
  for (let number = 0; number < COUNT; number++) {
    await end.send({ type: "siblings", siblings: [] });
    await worker.send({ type: "failed", error: { code: "x", message: "x".repeat(number % 500) } });
    if (number % 10 === 0) assert.equal(end.corrupt, false);
  }
  await Promise.all(reading);
  assert.equal(end.corrupt, false);
});
