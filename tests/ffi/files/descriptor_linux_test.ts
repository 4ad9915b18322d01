import assert from "node:assert/strict";
import { Descriptor } from "../../../ffi/mod.ts";
import { temporaryDirectory, writeFile } from "../../transfer/temporary.ts";

/** A tree with everything that may be in the way. */
async function prepare(): Promise<AsyncDisposable & { path: string }> {
  const directory = await temporaryDirectory();
  const { path } = directory;
  await writeFile(`${path}/a/b/file`, "content");
  await Deno.symlink(`${path}/a`, `${path}/absolute`);
  await Deno.symlink("a", `${path}/relative`);
  await Deno.symlink("../..", `${path}/a/up`);
  await Deno.symlink("file", `${path}/a/b/link`);
  await new Deno.Command("mkfifo", { args: [`${path}/a/pipe`] }).output();
  return directory;
}

const WAYS = {
  "at once": (top: Descriptor, path: string) => Promise.try(() => top.openBelow(path)),
  "step by step": (top: Descriptor, path: string) => Promise.try(() => top.openStepwise(path)),
  "later": (top: Descriptor, path: string) => top.openBelowLater(path),
};

for (const [way, open] of Object.entries(WAYS)) {
  Deno.test({
    name: `Descriptor opens what is below, ${way}, and goes through no symbolic link`,
    ignore: Deno.build.os !== "linux",
    async fn() {
      await using directory = await prepare();
      using top = Descriptor.openDirectory(directory.path);
      const kinds = {
        "a": "directory",
        "a/b": "directory",
        "a/b/file": "file",
        "a/b/link": "link",
        "relative": "link",
        "a/pipe": "other",
      };
      for (const [path, kind] of Object.entries(kinds)) {
        using held = await open(top, path);
        assert.equal(held.stat().kind, kind, path);
      }
      const failures = {
        "missing": "ENOENT",
        "a/missing/b": "ENOENT",
        "a/b/file/c": "ENOTDIR",
        "relative/b": "ELOOP",
        "absolute/b/file": "ELOOP",
        "a/up/a": "ELOOP",
        "a/b/link/c": "ELOOP",
        ["n".repeat(300)]: "ENAMETOOLONG",
      };
      for (const [path, code] of Object.entries(failures)) {
        await assert.rejects(open(top, path), { name: "SystemError", code }, path);
      }
    },
  });
}

Deno.test({
  name: "Descriptor links and removes files, and removes directories only if they are empty",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using directory = await prepare();
    using top = Descriptor.openDirectory(directory.path);
    using below = top.openBelow("a/b", "directory");
    below.linkEntry("file", top, "second");
    assert.equal(top.statEntry("second").ino, below.statEntry("file").ino);
    assert.throws(() => below.linkEntry("file", top, "second"), { code: "EEXIST" });
    assert.throws(() => top.removeDirectory("second"), { code: "ENOTDIR" });
    assert.throws(() => top.removeDirectory("relative"), { code: "ENOTDIR" });
    assert.throws(() => top.removeDirectory("a"), { code: "ENOTEMPTY" });
    assert.throws(() => top.removeEntry("a"), { code: "EISDIR" });
    top.removeEntry("second");
    assert.throws(() => top.statEntry("second"), { code: "ENOENT" });
    for (const name of ["file", "link"]) below.removeEntry(name);
    using above = top.openBelow("a");
    above.removeDirectory("b");
    assert.throws(() => above.statEntry("b"), { code: "ENOENT" });
  },
});

Deno.test({
  name: "Descriptor tells what the system tells of a file, and leads to it when its name is gone",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using directory = await prepare();
    const path = `${directory.path}/a/b/file`;
    const mtime = Date.UTC(2001, 0, 1) + 123;
    await Deno.utime(path, new Date(), new Date(mtime));
    await Deno.chmod(path, 0o640);
    const { ino } = await Deno.stat(path);
    using top = Descriptor.openDirectory(directory.path);
    using held = top.openBelow("a/b/file");
    const { born, ...info } = held.stat();
    const rest = { ino, size: 7, mode: 0o640, mtime };
    assert.deepEqual(info, { kind: "file", dev: top.stat().dev, ...rest });
    assert.ok(born === 0 || Math.abs(Date.now() - born) < 60_000);
    using above = top.openBelow("a/b");
    assert.deepEqual(above.statEntry("file"), held.stat());
    assert.throws(() => above.statEntry("missing"), { code: "ENOENT" });
    await Deno.remove(path);
    assert.equal(await Deno.readTextFile(held.path), "content");
  },
});
