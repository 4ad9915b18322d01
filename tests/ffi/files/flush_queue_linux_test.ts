import assert from "node:assert/strict";
import { Descriptor } from "../../../ffi/mod.ts";
import { flushAll } from "../../../ffi/files/flush_queue_linux.ts";
import { temporaryDirectory } from "../../transfer/temporary.ts";

const linux = { ignore: Deno.build.os !== "linux" };

Deno.test(
  "flushAll() tells of each file by itself, of more than a queue takes, and of several callers' at once",
  linux,
  async () => {
    await using directory = await temporaryDirectory();
    using held = Descriptor.openDirectory(directory.path);
    using stack = new DisposableStack();
    const files = Array.from({ length: 300 }, (_, index) => {
      const file = stack.use(held.createEntry(`${index}`, 0o600));
      file.writeSync(new Uint8Array(index));
      return file.descriptor;
    });
    const yes = (count: number) => new Array(count).fill(true);
    assert.deepEqual(await flushAll(files), yes(300));
    assert.deepEqual(await flushAll([]), []);
    // More callers than there are queues: some have to flush by themselves.
    const callers = Array.from({ length: 12 }, () => flushAll(files.slice(0, 20)));
    const told = await Promise.all(callers);
    assert.equal(told.filter((flushed) => flushed.every((one) => one === true)).length, 8);
    assert.equal(told.filter((flushed) => flushed.every((one) => one === undefined)).length, 4);
    // What cannot be flushed is in nobody's way.
    const [first, second, third] = files as [number, number, number];
    const closed = 1_000_000;
    assert.deepEqual(await flushAll([first, second, closed, third]), [
      true,
      true,
      undefined,
      undefined,
    ]);
    assert.deepEqual(await flushAll(files), yes(300));
  },
);
