import assert from "node:assert/strict";
import { join } from "node:path";
import { placeByClaim } from "../../../transfer/upload/publish_file.ts";
import { type PublishOptions, removeLeftovers, StagedFile } from "../../../transfer/mod.ts";
import { temporaryDirectory, tree, writeFile } from "../temporary.ts";

const OLD = Date.UTC(2001, 0, 1);
const NEW = Date.UTC(2020, 0, 1);

async function stage(directory: string, content: string, owner?: string): Promise<StagedFile> {
  const staged = await StagedFile.create(directory, owner);
  await staged.file.write(new TextEncoder().encode(content));
  return staged;
}

async function publish(
  directory: string,
  content: string,
  target: string,
  options?: PublishOptions,
): Promise<void> {
  await using staged = await stage(directory, content);
  await staged.publish(join(directory, target), options);
}

Deno.test("StagedFile.publish() gives the file its name, directories and time", async () => {
  await using directory = await temporaryDirectory();
  await publish(directory.path, "content", "a/b/c", { mtime: OLD });
  assert.deepEqual(await tree(directory.path), ["a", "a/b", "a/b/c"]);
  const path = join(directory.path, "a/b/c");
  assert.equal(await Deno.readTextFile(path), "content");
  const { mtime, nlink } = await Deno.stat(path);
  assert.equal(mtime?.getTime(), OLD);
  if (nlink !== null) assert.equal(nlink, 1);
});

Deno.test({
  name: "StagedFile.publish() leaves a file that others may read, as the umask has it",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using directory = await temporaryDirectory();
    await publish(directory.path, "content", "a");
    const { mode } = await Deno.stat(join(directory.path, "a"));
    assert.equal((mode ?? 0) & 0o777, 0o644 & ~Deno.umask());
  },
});

Deno.test("StagedFile is removed when it is disposed of before it is published", async () => {
  await using directory = await temporaryDirectory();
  {
    await using staged = await stage(directory.path, "content");
    assert.equal((await tree(directory.path)).length, 1);
    await staged.discard();
    assert.deepEqual(await tree(directory.path), []);
  }
  await stage(directory.path, "content").then((staged) => staged[Symbol.asyncDispose]());
  assert.deepEqual(await tree(directory.path), []);
});

Deno.test("StagedFile.create() says what is wrong with the directory", async () => {
  await using directory = await temporaryDirectory();
  const missing = StagedFile.create(join(directory.path, "missing"));
  await assert.rejects(missing, { name: "FileNotFoundError", code: "not-found" });
});

Deno.test("StagedFile.publish() with never keeps what is there", async () => {
  await using directory = await temporaryDirectory();
  await publish(directory.path, "first", "a");
  const second = publish(directory.path, "second", "a", { overwrite: "never" });
  await assert.rejects(second, { name: "FileExistsError", code: "file-exists" });
  assert.equal(await Deno.readTextFile(join(directory.path, "a")), "first");
  assert.deepEqual(await tree(directory.path), ["a"]);
});

Deno.test("StagedFile.publish() with always replaces what is there", async () => {
  await using directory = await temporaryDirectory();
  await publish(directory.path, "first", "a", { overwrite: "always" });
  await publish(directory.path, "second", "a", { overwrite: "always" });
  assert.equal(await Deno.readTextFile(join(directory.path, "a")), "second");
  assert.deepEqual(await tree(directory.path), ["a"]);
});

Deno.test("StagedFile.publish() with newer replaces what is older alone", async () => {
  await using directory = await temporaryDirectory();
  const put = (content: string, mtime: number) =>
    publish(directory.path, content, "a", { overwrite: "newer", mtime });
  await put("first", OLD);
  await put("second", NEW);
  await assert.rejects(put("third", NEW), { code: "not-newer", message: /as new or newer/ });
  await assert.rejects(put("fourth", OLD), { code: "not-newer" });
  assert.equal(await Deno.readTextFile(join(directory.path, "a")), "second");
  await publish(directory.path, "now", "a", { overwrite: "newer" });
  assert.equal(await Deno.readTextFile(join(directory.path, "a")), "now");
});

for (const overwrite of ["never", "always", "newer"] as const) {
  Deno.test(`StagedFile.publish() with ${overwrite} refuses the name of a directory or below a file`, async () => {
    await using directory = await temporaryDirectory();
    await writeFile(join(directory.path, "directory/file"), "kept");
    const before = await tree(directory.path);
    const onDirectory = publish(directory.path, "content", "directory", { overwrite });
    await assert.rejects(onDirectory, { name: "IsADirectoryError", code: "is-a-directory" });
    for (const target of ["directory/file/a", "directory/file/a/b"]) {
      const belowFile = publish(directory.path, "content", target, { overwrite });
      await assert.rejects(belowFile, { name: "NotADirectoryError", code: "not-a-directory" });
    }
    assert.deepEqual(await tree(directory.path), before);
  });

  for (const target of ["a", "new/a"]) {
    Deno.test(`StagedFile.publish() with ${overwrite} as ${target} by many at once leaves one whole file`, async () => {
      await using directory = await temporaryDirectory();
      const contents = Array.from({ length: 24 }, (_, index) => `content ${index}`);
      const staged = await Promise.all(contents.map((content) => stage(directory.path, content)));
      const results = await Promise.allSettled(staged.map(async (file, index) => {
        await using own = file;
        const mtime = overwrite === "newer" ? { mtime: OLD + index * 1000 } : {};
        await own.publish(join(directory.path, target), { overwrite, ...mtime });
      }));
      assert.deepEqual(await tree(directory.path), target === "a" ? ["a"] : ["new", "new/a"]);
      assert.ok(contents.includes(await Deno.readTextFile(join(directory.path, target))));
      const refused = results.filter((result) => result.status === "rejected");
      const code = overwrite === "newer" ? "not-newer" : "file-exists";
      for (const { reason } of refused) assert.equal(reason.code, code, reason);
      if (overwrite === "never") assert.equal(refused.length, contents.length - 1);
      if (overwrite === "always") assert.equal(refused.length, 0);
    });
  }
}

Deno.test("StagedFile.publish() removes the directories it made when it fails", async () => {
  await using directory = await temporaryDirectory();
  await using staged = await stage(directory.path, "content");
  const tooLong = join(directory.path, "new/deep", "x".repeat(300));
  await assert.rejects(staged.publish(tooLong));
  const left = await tree(directory.path);
  assert.deepEqual(left, [staged.path.slice(directory.path.length + 1)]);
  await staged.publish(join(directory.path, "elsewhere"));
  assert.deepEqual(await tree(directory.path), ["elsewhere"]);
});

Deno.test("placeByClaim() lets exactly one of many have a name", async () => {
  await using directory = await temporaryDirectory();
  const target = join(directory.path, "a");
  const results = await Promise.allSettled(Array.from({ length: 24 }, async (_, index) => {
    const from = join(directory.path, `from${index}`);
    await Deno.writeTextFile(from, `content ${index}`);
    await placeByClaim(from, target);
    return index;
  }));
  const winners = results.filter((result) => result.status === "fulfilled");
  assert.deepEqual(winners.map(({ value }) => `content ${value}`), [
    await Deno.readTextFile(target),
  ]);
  for (const result of results) {
    if (result.status === "rejected") assert.equal(result.reason.code, "file-exists");
  }
});

Deno.test("placeByClaim() gives the name back when it fails", async () => {
  await using directory = await temporaryDirectory();
  const missing = join(directory.path, "missing");
  await assert.rejects(placeByClaim(missing, join(directory.path, "a")), Deno.errors.NotFound);
  assert.deepEqual(await tree(directory.path), []);
});

Deno.test("removeLeftovers() removes what its owner staged, and nothing else", async () => {
  await using directory = await temporaryDirectory();
  for (const owner of ["a", "a", "a-1", "b"]) {
    const staged = await stage(directory.path, "content", owner);
    staged.file.close();
  }
  await writeFile(join(directory.path, "a-file"), "kept");
  assert.equal(await removeLeftovers(directory.path, "a"), 2);
  assert.equal((await tree(directory.path)).length, 3);
  assert.equal(await removeLeftovers(directory.path, "b"), 1);
  assert.equal(await removeLeftovers(directory.path, "a-1"), 1);
  assert.deepEqual(await tree(directory.path), ["a-file"]);
  assert.equal(await removeLeftovers(join(directory.path, "missing"), "a"), 0);
});
