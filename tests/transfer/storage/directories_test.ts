import assert from "node:assert/strict";
import { join } from "node:path";
import {
  isBelowFile,
  makeDirectories,
  removeEmptyDirectories,
  removeEmptyDirectory,
} from "../../../transfer/storage/directories.ts";
import { temporaryDirectory, tree, writeFile } from "../temporary.ts";

Deno.test("makeDirectories() tells which directories were missing", async () => {
  await using directory = await temporaryDirectory();
  const [a, b, c] = ["a", "a/b", "a/b/c"].map((path) => join(directory.path, path));
  assert.deepEqual(await makeDirectories(a!), [a]);
  assert.deepEqual(await makeDirectories(c!), [b, c]);
  assert.deepEqual(await makeDirectories(c!), []);
});

Deno.test("makeDirectories() refuses to go through a file", async () => {
  await using directory = await temporaryDirectory();
  await writeFile(join(directory.path, "file"), "kept");
  for (const path of ["file", "file/a", "file/a/b"]) {
    const wanted = { name: "NotADirectoryError", code: "not-a-directory" };
    await assert.rejects(makeDirectories(join(directory.path, path)), wanted);
  }
});

Deno.test("makeDirectories() goes as deep as asked, and ends where nothing can be made", async () => {
  await using directory = await temporaryDirectory();
  const deep = join(directory.path, ...Array.from({ length: 40 }, () => "d"));
  assert.equal((await makeDirectories(deep)).length, 40);
  if (Deno.build.os !== "linux") return;
  await assert.rejects(makeDirectories("/proc/none/a/b"), Deno.errors.NotFound);
});

Deno.test("isBelowFile() tells what is below a file from what is not there", async () => {
  await using directory = await temporaryDirectory();
  await writeFile(join(directory.path, "below/file"), "kept");
  for (const path of ["below/file/a", "below/file/a/b"]) {
    assert.equal(await isBelowFile(join(directory.path, path)), true, path);
  }
  for (const path of ["below/file", "below/a", "a", "a/b/c"]) {
    assert.equal(await isBelowFile(join(directory.path, path)), false, path);
  }
});

Deno.test("removeEmptyDirectories() removes nothing but empty directories", async () => {
  await using directory = await temporaryDirectory();
  await writeFile(join(directory.path, "full/file"), "kept");
  await Deno.mkdir(join(directory.path, "empty"));
  for (const path of ["full/file", "full", "missing", "empty"]) {
    await removeEmptyDirectories([join(directory.path, path)]);
  }
  assert.deepEqual(await tree(directory.path), ["full", "full/file"]);
});

Deno.test("removeEmptyDirectory() says what it does not remove", async () => {
  await using directory = await temporaryDirectory();
  await writeFile(join(directory.path, "full/file"), "kept");
  for (const path of ["full/file", "full", "missing"]) {
    await assert.rejects(removeEmptyDirectory(join(directory.path, path)), path);
  }
  assert.deepEqual(await tree(directory.path), ["full", "full/file"]);
});
