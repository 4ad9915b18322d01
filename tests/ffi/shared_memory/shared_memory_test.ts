import assert from "node:assert/strict";
import { statfsSync } from "node:fs";
import { SharedMemory, SharedMemoryError } from "../../../ffi/mod.ts";
import "../../fixtures/loaded_libc.ts";

const SHM = "/dev/shm";
const onLinux = { ignore: Deno.build.os !== "linux" };

function uniqueName(): string {
  return `msquicd-test-${crypto.randomUUID()}`;
}

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof SharedMemoryError && error.code === code;
}

/** A segment that is gone, name and all, at the end of the test. */
function temporary(size: number): SharedMemory & Disposable {
  const memory = SharedMemory.create(uniqueName(), size);
  const dispose = memory[Symbol.dispose].bind(memory);
  memory[Symbol.dispose] = () => {
    dispose();
    SharedMemory.unlink(memory.name);
  };
  return memory;
}

Deno.test("SharedMemory.create() gives zeroed bytes of exactly the size asked for", () => {
  using memory = temporary(5000);
  assert.equal(memory.size, 5000);
  assert.equal(memory.buffer.byteLength, 5000);
  assert.ok(new Uint8Array(memory.buffer).every((byte) => byte === 0));
});

Deno.test("SharedMemory.open() maps the same bytes", () => {
  using first = temporary(4096);
  using second = SharedMemory.open(first.name);
  assert.ok(second.size >= 4096);
  new Uint8Array(first.buffer)[4095] = 7;
  assert.equal(new Uint8Array(second.buffer)[4095], 7);
  new Uint8Array(second.buffer)[0] = 9;
  assert.equal(new Uint8Array(first.buffer)[0], 9);
});

Deno.test("SharedMemory.create() refuses a name that is taken and leaves the first one alone", () => {
  using memory = temporary(64);
  new Uint8Array(memory.buffer)[3] = 3;
  assert.throws(() => SharedMemory.create(memory.name, 64), hasCode("shared-memory-exists"));
  using again = SharedMemory.open(memory.name);
  assert.equal(new Uint8Array(again.buffer)[3], 3);
});

Deno.test("SharedMemory.open() refuses a name that does not exist", () => {
  assert.throws(() => SharedMemory.open(uniqueName()), hasCode("shared-memory-not-found"));
});

Deno.test("SharedMemory.create() lets only the owner read and write", onLinux, () => {
  using memory = temporary(64);
  assert.equal(Deno.statSync(`${SHM}/${memory.name}`).mode! & 0o777, 0o600);
});

Deno.test(
  "SharedMemory.unlink() removes the name, not the memory, and may be repeated",
  onLinux,
  () => {
    using memory = temporary(64);
    SharedMemory.unlink(memory.name);
    SharedMemory.unlink(memory.name);
    assert.throws(() => Deno.statSync(`${SHM}/${memory.name}`), Deno.errors.NotFound);
    assert.throws(() => SharedMemory.open(memory.name), hasCode("shared-memory-not-found"));
    new Uint8Array(memory.buffer)[0] = 1;
    assert.equal(new Uint8Array(memory.buffer)[0], 1);
  },
);

Deno.test(
  "SharedMemory.create() that runs out of space leaves neither name nor descriptor",
  onLinux,
  () => {
    const { blocks, bsize } = statfsSync(SHM);
    if (blocks === 0) return; // without a limit this would take all memory
    const name = uniqueName();
    const before = openDescriptors();
    assert.throws(
      () => SharedMemory.create(name, blocks * bsize + 2 ** 20),
      (error) =>
        hasCode("shared-memory-failed")(error) &&
        /: no space is left on the device; /.test(String(error)),
    );
    assert.throws(() => Deno.statSync(`${SHM}/${name}`), Deno.errors.NotFound);
    assert.equal(openDescriptors(), before);
  },
);

Deno.test("SharedMemory.open() refuses an empty object", onLinux, () => {
  const name = uniqueName();
  Deno.writeFileSync(`${SHM}/${name}`, new Uint8Array());
  try {
    assert.throws(() => SharedMemory.open(name), hasCode("shared-memory-empty"));
  } finally {
    SharedMemory.unlink(name);
  }
});

Deno.test("SharedMemory keeps no descriptor open and unmaps on dispose", onLinux, () => {
  const before = openDescriptors();
  const memory = temporary(8192);
  assert.equal(openDescriptors(), before);
  assert.ok(Deno.readTextFileSync("/proc/self/maps").includes(memory.name));
  memory[Symbol.dispose]();
  memory[Symbol.dispose]();
  assert.ok(!Deno.readTextFileSync("/proc/self/maps").includes(memory.name));
});

Deno.test("SharedMemory leaves empty views behind after dispose", () => {
  const memory = temporary(4096);
  const view = new Int32Array(memory.buffer);
  memory[Symbol.dispose]();
  assert.equal(view.length, 0);
  assert.equal(memory.buffer.byteLength, 0);
  assert.equal(memory.size, 4096);
});

Deno.test("SharedMemory.hold() keeps the mapping until it is released", () => {
  const memory = temporary(4096);
  const hold = memory.hold();
  memory[Symbol.dispose]();
  assert.equal(memory.buffer.byteLength, 4096);
  assert.throws(() => memory.hold(), hasCode("shared-memory-closed"));
  hold[Symbol.dispose]();
  assert.equal(memory.buffer.byteLength, 0);
  hold[Symbol.dispose]();
});

Deno.test("SharedMemory refuses names and sizes that cannot be", () => {
  for (const name of ["", "a/b", "a\\b", "a\0b", ".", "..", ".hidden", "x".repeat(201)]) {
    assert.throws(() => SharedMemory.create(name, 64), RangeError, JSON.stringify(name));
    assert.throws(() => SharedMemory.open(name), RangeError, JSON.stringify(name));
    assert.throws(() => SharedMemory.unlink(name), RangeError, JSON.stringify(name));
  }
  for (const size of [0, -1, 1.5, NaN, Infinity]) {
    assert.throws(() => SharedMemory.create(uniqueName(), size), RangeError, String(size));
  }
});

function openDescriptors(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}
