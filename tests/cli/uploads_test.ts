import assert from "node:assert/strict";
import { join } from "node:path";
import { UsageError } from "../../cli/errors.ts";
import { findUploads } from "../../cli/uploads.ts";

async function withTree(test: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "msquicd-uploads-" });
  try {
    await Deno.mkdir(join(root, "dir", "deep"), { recursive: true });
    await Deno.writeTextFile(join(root, "one.txt"), "1");
    await Deno.writeTextFile(join(root, "dir", "b.txt"), "22");
    await Deno.writeTextFile(join(root, "dir", "a.txt"), "");
    await Deno.writeTextFile(join(root, "dir", "deep", "c.txt"), "333");
    await test(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

function refuseNotes(text: string): never {
  throw new Error(`Unexpected note: ${text}`);
}

Deno.test("findUploads() names files after themselves and goes through directories", async () => {
  await withTree(async (root) => {
    const paths = [join(root, "one.txt"), join(root, "dir")];
    const uploads = await findUploads(paths, undefined, refuseNotes);
    assert.deepEqual(uploads.map(({ name, size }) => [name, size]), [
      ["one.txt", 1],
      ["dir/a.txt", 0],
      ["dir/b.txt", 2],
      ["dir/deep/c.txt", 3],
    ]);
    assert.deepEqual(uploads.map(({ path }) => path), [
      join(root, "one.txt"),
      join(root, "dir", "a.txt"),
      join(root, "dir", "b.txt"),
      join(root, "dir", "deep", "c.txt"),
    ]);
  });
});

Deno.test("findUploads() takes --to for a name, or for a directory", async () => {
  await withTree(async (root) => {
    const one = join(root, "one.txt");
    const dir = join(root, "dir");
    const namesOf = async (paths: string[], to: string) =>
      (await findUploads(paths, to, refuseNotes)).map(({ name }) => name);
    assert.deepEqual(await namesOf([one], "x/y.txt"), ["x/y.txt"]);
    assert.deepEqual(await namesOf([one], "x/"), ["x/one.txt"]);
    assert.deepEqual((await namesOf([dir], "x"))[0], "x/a.txt");
    assert.deepEqual((await namesOf([dir], "x/"))[0], "x/dir/a.txt");
    assert.deepEqual((await namesOf([one, dir], "x")).slice(0, 2), ["x/one.txt", "x/dir/a.txt"]);
  });
});

Deno.test("findUploads() refuses two files for one name, and says what is not there", async () => {
  await withTree(async (root) => {
    const one = join(root, "one.txt");
    await assert.rejects(findUploads([one, one], undefined, refuseNotes), UsageError);
    await assert.rejects(findUploads([join(root, "none")], undefined, refuseNotes), {
      code: "not-found",
    });
  });
});

Deno.test({
  name: "findUploads() leaves symbolic links inside of directories out, saying so",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withTree(async (root) => {
      await Deno.symlink(root, join(root, "dir", "loop"));
      const notes: string[] = [];
      const uploads = await findUploads([join(root, "dir")], undefined, (text) => notes.push(text));
      assert.equal(uploads.length, 3);
      assert.equal(notes.length, 1);
      assert.match(notes[0] ?? "", /loop/);
    });
  },
});
