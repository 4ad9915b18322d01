import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../../cli/errors.ts";
import type { Upload } from "../../../cli/files/upload.ts";
import { findUploads } from "../../../cli/files/uploads.ts";
import "../../fixtures/loaded_libc.ts";

const { signal: SIGNAL } = new AbortController();

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

/** All that is found, which must not say anything. */
function find(paths: string[], to?: string): Promise<Upload[]> {
  return Array.fromAsync(findUploads(paths, to, refuseNotes, SIGNAL).uploads());
}

/** Why things that were found cannot be copied, by their names. */
function problemsOf(uploads: readonly Upload[]): [string, string][] {
  return uploads.filter(({ problem }) => problem !== undefined)
    .map(({ name, problem }) => [name, problem instanceof Error ? problem.message : ""]);
}

Deno.test("findUploads() names files after themselves and goes through directories", async () => {
  await withTree(async (root) => {
    const paths = [join(root, "one.txt"), join(root, "dir")];
    const uploads = await find(paths);
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
      (await find(paths, to)).map(({ name }) => name);
    assert.deepEqual(await namesOf([one], "x/y.txt"), ["x/y.txt"]);
    assert.deepEqual(await namesOf([one], "x/"), ["x/one.txt"]);
    assert.deepEqual((await namesOf([dir], "x"))[0], "x/a.txt");
    assert.deepEqual((await namesOf([dir], "x/"))[0], "x/dir/a.txt");
    assert.deepEqual((await namesOf([one, dir], "x")).slice(0, 2), ["x/one.txt", "x/dir/a.txt"]);
  });
});

Deno.test("findUploads() refuses two files for one name, and what has no name", async () => {
  await withTree(async (root) => {
    const one = join(root, "one.txt");
    assert.throws(() => findUploads([one, one], undefined, refuseNotes, SIGNAL), UsageError);
    assert.throws(() => findUploads(["/"], undefined, refuseNotes, SIGNAL), UsageError);
    assert.throws(() => findUploads(["/"], "x/", refuseNotes, SIGNAL), UsageError);
    const dir = join(root, "dir");
    for (const to of ["../x", "CON", ".msquicd/"]) {
      assert.throws(() => findUploads([dir], to, refuseNotes, SIGNAL), { code: "invalid-name" });
    }
    assert.deepEqual((await find([one], "/")).map(({ name }) => name), ["one.txt"]);
  });
});

Deno.test("findUploads() says what is not there, and finds the rest all the same", async () => {
  await withTree(async (root) => {
    const none = join(root, "none");
    const { usable, uploads } = findUploads(
      [none, join(root, "dir")],
      undefined,
      refuseNotes,
      SIGNAL,
    );
    assert.equal(usable, 1);
    const found = await Array.fromAsync(uploads());
    assert.equal(found.length, 4);
    assert.deepEqual(problemsOf(found), [[
      "none",
      `Cannot copy "${none}": no such file or directory`,
    ]]);
    assert.equal(findUploads([none], undefined, refuseNotes, SIGNAL).usable, 0);
  });
});

Deno.test({
  name: "findUploads() finds the first of very many files without looking for the last",
  ignore: Deno.build.os === "windows",
  async fn() {
    // Where there is one, in memory: on a disk it takes many times as long.
    const dir = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
    const root = await Deno.makeTempDir({ dir, prefix: "msquicd-many-" });
    const run = async (script: string) => {
      const shell = new Deno.Command("sh", { args: ["-euc", script], cwd: root });
      assert.ok((await shell.output()).success);
    };
    try {
      // More than a function takes as arguments.
      const count = 150_000;
      await run(`seq ${count} | xargs touch`);
      const { uploads } = findUploads([root], undefined, refuseNotes, SIGNAL);
      const found = uploads()[Symbol.asyncIterator]();
      assert.equal((await found.next()).value?.path, join(root, "1"));
      // What has not been looked at may still go, and costs nothing else.
      await run("rm 10 1000");
      assert.match(problemsOf([(await found.next()).value])[0]?.[1] ?? "", /10": no such file/);
      assert.deepEqual(problemsOf([(await found.next()).value]), []);
      await found.return?.();
    } finally {
      await run("cd ..; rm -r " + root);
    }
  },
});
