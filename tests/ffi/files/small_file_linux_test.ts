import assert from "node:assert/strict";
import { join } from "node:path";
import { Descriptor, readSmallFile } from "../../../ffi/mod.ts";
import { temporaryDirectory } from "../../transfer/temporary.ts";

const linux = { ignore: Deno.build.os !== "linux" };

Deno.test(
  "readSmallFile() and readEntry() read what fits, and tell what it is",
  linux,
  async () => {
    await using directory = await temporaryDirectory();
    using held = Descriptor.openDirectory(directory.path);
    const buffer = new Uint8Array(1000);
    for (const size of [0, 1, 999, 1000, 1001]) {
      const path = join(directory.path, `${size}`);
      const bytes = crypto.getRandomValues(new Uint8Array(size));
      await Deno.writeFile(path, bytes, { mode: 0o640 });
      await Deno.utime(path, 1, 1234567890.123);
      const { mode } = await Deno.stat(path);
      for (
        const read of [
          () => readSmallFile(path, buffer),
          () => held.readEntry(`${size}`, buffer),
        ]
      ) {
        buffer.fill(0);
        const inode = read();
        if (size > buffer.length) {
          assert.equal(inode, undefined);
          continue;
        }
        assert.equal(inode?.kind, "file");
        assert.equal(inode.size, size);
        assert.equal(inode.mtime, 1234567890123);
        assert.equal(inode.mode, (mode ?? 0) & 0o777);
        assert.deepEqual(buffer.subarray(0, size), bytes);
      }
    }
  },
);

Deno.test(
  "readSmallFile() and readEntry() open nothing but files, and wait for nobody",
  linux,
  async () => {
    await using directory = await temporaryDirectory();
    using held = Descriptor.openDirectory(directory.path);
    const path = (name: string) => join(directory.path, name);
    const buffer = new Uint8Array(1000);
    await Deno.writeTextFile(path("file"), "bytes");
    await Deno.symlink("file", path("link"));
    await Deno.symlink("nothing", path("dangling"));
    const { success } = await new Deno.Command("mkfifo", { args: [path("pipe")] }).output();
    assert.ok(success);
    for (const name of ["pipe", "dangling", "missing", "file/below"]) {
      assert.equal(readSmallFile(path(name), buffer), undefined, name);
      assert.equal(held.readEntry(name, buffer), undefined, name);
    }
    assert.equal(readSmallFile(directory.path, buffer), undefined);
    assert.equal(readSmallFile("/dev/null", buffer), undefined);
    assert.equal(readSmallFile(`${path("file")}\0behind`, buffer), undefined);
    // Who names a link means the file; below a directory that is held, none is followed.
    assert.equal(readSmallFile(path("link"), buffer)?.size, 5);
    assert.equal(held.readEntry("link", buffer), undefined);
  },
);
