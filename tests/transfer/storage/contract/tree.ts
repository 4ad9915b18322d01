import assert from "node:assert/strict";
import type { Clause } from "./contract.ts";
import { get, list, put, random, sha256 } from "./subject.ts";

/** Directories, and what is done to names in them. */
export const treeContract: readonly Clause[] = [
  {
    says: "lists names in order, page by page, with the directories that were asked for",
    async check({ files }) {
      const names = ["a", "a-b", "a0", "b/c/d", "b/c/e", "b-c", "z", "ä", "€", "😀"];
      for (const name of names.toReversed()) await put(files, name, random(3));
      await files.makeDirectory("empty/within");
      const sorted = names.toSorted();
      assert.deepEqual(await list(files), sorted);
      for (const limit of [1, 3]) assert.deepEqual(await list(files, { limit }), sorted);
      assert.deepEqual(await list(files, { prefix: "b" }), ["b-c", "b/c/d", "b/c/e"]);
      assert.deepEqual(await list(files, { prefix: "b/" }), ["b/c/d", "b/c/e"]);
      assert.deepEqual(await list(files, { prefix: "nothing" }), []);
      const withEmpty = [...names, "empty/within/"].toSorted();
      assert.deepEqual(await list(files, { directories: "empty", limit: 2 }), withEmpty);
      const top = ["a", "a-b", "a0", "b-c", "b/", "empty/", "z", "ä", "€", "😀"].toSorted();
      assert.deepEqual(await list(files, { directories: "closed" }), top);
    },
  },
  {
    says: "makes directories once, and removes those that become empty",
    async check({ files, others }) {
      assert.equal(await files.makeDirectory("a/b/c"), true);
      assert.equal(await others.makeDirectory("a/b/c"), false);
      assert.equal(await others.makeDirectory("a/b"), false);
      await assert.rejects(files.removeDirectory("a/b"), { code: "not-empty" });
      await files.removeDirectory("a/b/c");
      assert.deepEqual(await list(files, { directories: "empty" }), []);
      await put(files, "x/y/z", random(1));
      await put(files, "x/w", random(1));
      await files.remove("x/y/z");
      assert.deepEqual(await list(files, { directories: "empty" }), ["x/w"]);
    },
  },
  {
    says: "moves files and directories in one step, and replaces only files, and if it is told to",
    async check({ files, others }) {
      const [one, two] = [random(100), random(200)];
      await put(files, "a/one", one);
      await put(files, "b/two", two);
      await files.move({ name: "a/one", to: "c/d/one" });
      assert.deepEqual(await list(others, { directories: "empty" }), ["b/two", "c/d/one"]);
      await assert.rejects(files.move({ name: "c/d/one", to: "b/two" }), { code: "file-exists" });
      await files.move({ name: "c/d/one", to: "b/two", overwrite: "always" });
      assert.equal(sha256(await get(others, "b/two")), sha256(one));
      await files.move({ name: "b", to: "e/f" });
      assert.deepEqual(await list(others, { directories: "empty" }), ["e/f/two"]);
      await put(files, "g/h", two);
      for (const overwrite of ["never", "always"] as const) {
        await assert.rejects(files.move({ name: "g", to: "e", overwrite }), {
          code: "file-exists",
        });
        const onDirectory = files.move({ name: "g/h", to: "e", overwrite });
        await assert.rejects(onDirectory, { code: "is-a-directory" });
        const onFile = files.move({ name: "e", to: "g/h", overwrite });
        await assert.rejects(onFile, { code: "file-exists" });
      }
      await assert.rejects(files.move({ name: "e", to: "e/f/g" }), { code: "invalid-name" });
      await files.move({ name: "g/h", to: "g/h" });
      assert.deepEqual(await list(others), ["e/f/two", "g/h"]);
    },
  },
  {
    says: "says of what is not there, or is something else, what it is",
    async check({ files, leftovers }) {
      const { signal } = new AbortController();
      await put(files, "dir/file", random(1));
      for (const [name, code] of [["absent", "not-found"], ["dir/file/x", "not-found"]] as const) {
        await assert.rejects(files.stat(name), { code });
        await assert.rejects(files.open(name), { code });
        await assert.rejects(files.sum(name, signal), { code });
        await assert.rejects(files.remove(name), { code });
        await assert.rejects(files.removeDirectory(name), { code });
        await assert.rejects(files.move({ name, to: "to" }), { code });
        assert.equal(files.readNow(name, new Uint8Array(10)), undefined);
      }
      const directory = { code: "is-a-directory" };
      await assert.rejects(files.stat("dir"), directory);
      await assert.rejects(files.open("dir"), directory);
      await assert.rejects(files.sum("dir", signal), directory);
      await assert.rejects(files.remove("dir"), directory);
      await assert.rejects(put(files, "dir", random(1)), directory);
      await assert.rejects(put(files, "dir", random(1), { overwrite: "always" }), directory);
      const notOne = { code: "not-a-directory" };
      await assert.rejects(files.removeDirectory("dir/file"), notOne);
      await assert.rejects(put(files, "dir/file/x", random(1)), notOne);
      await assert.rejects(put(files, "dir/file/x", random(1), {}, "now"), notOne);
      await assert.rejects(async () => await files.makeDirectory("dir/file/x"), notOne);
      await assert.rejects(async () => await files.makeDirectory("dir/file"), {
        code: "file-exists",
      });
      await assert.rejects(files.move({ name: "dir/file", to: "dir/file/x" }), notOne);
      assert.deepEqual([await list(files), await leftovers()], [["dir/file"], []]);
    },
  },
];
