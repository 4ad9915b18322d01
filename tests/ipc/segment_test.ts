import assert from "node:assert/strict";
import fc from "fast-check";
import { processStartTime, SharedMemory } from "../../ffi/mod.ts";
import { SegmentCorruptError } from "../../ipc/errors.ts";
import { Layout, LAYOUT_VERSION, segmentBytes } from "../../ipc/layout.ts";
import { Segment, segmentName, WorkerEnd } from "../../ipc/mod.ts";
import { readHeader, writeHeader } from "../../ipc/segment_header.ts";
import "../fixtures/loaded_libc.ts";

const onLinux = { ignore: Deno.build.os !== "linux" };
const CAPACITY = 4096;
const MANAGER = { pid: Deno.pid, startTime: 0n };

/** Opens a memory of this size that `prepare` has filled, as a worker would. */
function openPrepared(size: number, prepare: (buffer: ArrayBuffer) => void): WorkerEnd {
  const name = segmentName("test", 1);
  using memory = SharedMemory.create(name, size);
  try {
    prepare(memory.buffer);
    return WorkerEnd.open(name);
  } finally {
    SharedMemory.unlink(name);
  }
}

function header(buffer: ArrayBuffer): void {
  writeHeader(buffer, { generation: 0, manager: MANAGER, keep: false, ringCapacity: CAPACITY });
}

function corruptBecause(reason: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof SegmentCorruptError && reason.test(error.message);
}

Deno.test("WorkerEnd.open() refuses memory that is too small to be a segment", onLinux, () => {
  assert.throws(() => openPrepared(100, () => {}), corruptBecause(/100 bytes/));
});

Deno.test("WorkerEnd.open() refuses memory of someone else", () => {
  const foreign = (buffer: ArrayBuffer) => new Uint8Array(buffer).fill(0x41);
  assert.throws(() => openPrepared(8192, foreign), corruptBecause(/does not begin as/));
  assert.throws(() => openPrepared(8192, () => {}), corruptBecause(/does not begin as/));
});

Deno.test("WorkerEnd.open() refuses a segment of another version, and says both", () => {
  const newer = (buffer: ArrayBuffer) => {
    header(buffer);
    new Uint32Array(buffer)[Layout.version / 4] = LAYOUT_VERSION + 1;
  };
  const both = new RegExp(`version ${LAYOUT_VERSION + 1}.*is ${LAYOUT_VERSION}`);
  assert.throws(() => openPrepared(segmentBytes(CAPACITY), newer), corruptBecause(both));
});

Deno.test("WorkerEnd.open() refuses a segment that is cut short", () => {
  const size = segmentBytes(CAPACITY) - 4096;
  assert.throws(() => openPrepared(size, header), corruptBecause(/cut short/));
});

Deno.test("WorkerEnd.open() refuses a ring of a size that cannot be", () => {
  for (const capacity of [0, 1, 4095, 2 ** 31, 2 ** 32 - 1]) {
    const odd = (buffer: ArrayBuffer) => {
      header(buffer);
      new Uint32Array(buffer)[Layout.ringCapacity / 4] = capacity;
    };
    const open = () => openPrepared(segmentBytes(CAPACITY), odd);
    assert.throws(open, corruptBecause(/no power of two/), String(capacity));
  }
});

Deno.test("readHeader() throws SegmentCorruptError or nothing for any header", () => {
  const damage = fc.array(
    fc.record({ at: fc.nat({ max: 31 }), byte: fc.integer({ min: 0, max: 255 }) }),
  );
  fc.assert(fc.property(fc.nat({ max: 16384 }), damage, (size, pokes) => {
    const buffer = new ArrayBuffer(size);
    if (size >= Layout.rings) header(buffer);
    const bytes = new Uint8Array(buffer);
    for (const { at, byte } of pokes) bytes[at] = byte;
    try {
      const { ringCapacity } = readHeader(buffer, "test");
      assert.ok(segmentBytes(ringCapacity) <= size);
    } catch (error) {
      if (!(error instanceof SegmentCorruptError)) throw error;
    }
  }));
});

Deno.test("Segment gives both ends the same header", async () => {
  const options = { name: segmentName("test", 4433), generation: 7, keep: true };
  await using manager = Segment.create({ ...options, ringCapacity: CAPACITY });
  await using worker = Segment.open(options.name);
  manager.unlink();
  const itself = { pid: Deno.pid, startTime: processStartTime(Deno.pid) };
  assert.deepEqual(worker.header, {
    generation: 7,
    manager: itself,
    keep: true,
    ringCapacity: CAPACITY,
  });
  assert.deepEqual(manager.header, worker.header);
});

Deno.test("Segment that cannot be made leaves no name behind", () => {
  const name = segmentName("test", 1);
  const make = () => Segment.create({ name, generation: 0, ringCapacity: 100 });
  assert.throws(make, RangeError);
  assert.throws(() => SharedMemory.open(name));
});

Deno.test("segmentName() is readable, a valid name for any instance, and never the same", () => {
  assert.match(segmentName("default", 4433), /^msquicd-default-4433-[0-9a-f]{32}$/);
  assert.match(segmentName("../测试/a b", 1), /^msquicd-[A-Za-z0-9_.-]+-1-[0-9a-f]{32}$/);
  assert.ok(segmentName("x".repeat(500), 65535).length <= 100);
  assert.notEqual(segmentName("a", 1), segmentName("a", 1));
});

Deno.test("the layout keeps apart what different processes write, and aligns the rings", () => {
  const places = [
    Layout.magic,
    Layout.workerPid,
    Layout.managerHeartbeat,
    Layout.workerHeartbeat,
    Layout.workerPollHeartbeat,
    Layout.managerDoorbell,
    Layout.workerDoorbell,
    Layout.counters,
    Layout.rings,
  ];
  for (const [i, place] of places.entries()) {
    assert.equal(place % 64, 0);
    if (i > 0) assert.ok(place - places[i - 1]! >= 64);
  }
});
