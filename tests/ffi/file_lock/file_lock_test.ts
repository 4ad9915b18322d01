import assert from "node:assert/strict";
import { join } from "node:path";
import { FileLock, FileLockError } from "../../../ffi/mod.ts";
import "../../fixtures/loaded_libc.ts";

function inTempDirectory(test: (path: string) => Promise<void> | void): () => Promise<void> {
  return async () => {
    const directory = Deno.makeTempDirSync({ prefix: "mq-" });
    try {
      await test(join(directory, "lock"));
    } finally {
      Deno.removeSync(directory, { recursive: true });
    }
  };
}

/** Tries to take the lock in a process of its own and tells whether it got it. */
async function takenByOther(path: string, offset: number): Promise<boolean> {
  const module = new URL("../../../ffi/file_lock/file_lock.ts", import.meta.url).href;
  const script = `import { FileLock } from ${JSON.stringify(module)};
    Deno.exit(FileLock.tryAcquire(${JSON.stringify(path)}, ${offset}) ? 10 : 11);`;
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", script],
    stdout: "null",
    stderr: "piped",
  }).output();
  assert.ok(code === 10 || code === 11, new TextDecoder().decode(stderr));
  return code === 10;
}

Deno.test(
  "FileLock keeps others out, here and in other processes, until it is disposed",
  inTempDirectory(async (path) => {
    const offset = 2 ** 40;
    const lock = FileLock.tryAcquire(path, offset);
    assert.ok(lock);
    assert.equal(FileLock.tryAcquire(path, offset), undefined);
    assert.equal(await takenByOther(path, offset), false);
    // Reading and writing the file does not let go of it.
    Deno.writeTextFileSync(path, "content");
    assert.equal(Deno.readTextFileSync(path), "content");
    assert.equal(await takenByOther(path, offset), false);
    assert.equal(await takenByOther(path, offset + 1), true);
    lock[Symbol.dispose]();
    lock[Symbol.dispose]();
    assert.equal(await takenByOther(path, offset), true);
  }),
);

Deno.test(
  "FileLock is let go when its process ends",
  inTempDirectory(async (path) => {
    assert.equal(await takenByOther(path, 7), true);
    using lock = FileLock.tryAcquire(path, 7);
    assert.ok(lock);
  }),
);

Deno.test({
  name: "FileLock makes its file for the owner alone",
  ignore: Deno.build.os === "windows",
  fn: inTempDirectory((path) => {
    using _lock = FileLock.tryAcquire(path);
    assert.equal((Deno.statSync(path).mode ?? 0) & 0o077, 0);
  }),
});

Deno.test(
  "FileLock.tryAcquire() makes no file where it is not to",
  inTempDirectory((path) => {
    assert.throws(() => FileLock.tryAcquire(path, 7, { create: false }), FileLockError);
    assert.throws(() => Deno.statSync(path), Deno.errors.NotFound);
    Deno.writeTextFileSync(path, "");
    using lock = FileLock.tryAcquire(path, 7, { create: false });
    assert.ok(lock);
  }),
);

Deno.test(
  "FileLock.tryAcquire() says when the file cannot be opened",
  inTempDirectory((path) => {
    assert.throws(() => FileLock.tryAcquire(join(path, "nowhere")), FileLockError);
  }),
);

Deno.test({
  name: "FileLock.tryAcquire() follows no link, and says why a file cannot be locked",
  ignore: Deno.build.os !== "linux",
  fn: inTempDirectory((path) => {
    const directory = `${path}.d`;
    Deno.mkdirSync(directory);
    Deno.writeTextFileSync(`${path}.target`, "precious");
    Deno.symlinkSync(`${path}.target`, path);
    assert.throws(() => FileLock.tryAcquire(path), /symbolic link/);
    assert.throws(() => FileLock.tryAcquire(directory), /it is a directory, not a file/);
    assert.throws(() => FileLock.tryAcquire(`${path}.target/x`), /a part of the path is a file/);
    assert.throws(() => FileLock.tryAcquire(`${path}.target`, 0.5), RangeError);
    const open = Array.from(Deno.readDirSync("/proc/self/fd"), ({ name }) => name)
      .map((fd) => linkOf(`/proc/self/fd/${fd}`)).filter((target) => target.startsWith(path));
    assert.deepEqual(open, []);
  }),
});

function linkOf(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return ""; // the one that the list was read from
  }
}
