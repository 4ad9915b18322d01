import assert from "node:assert/strict";
import { join } from "node:path";
import {
  openFile,
  openStorageRoot,
  removeFile,
  StagedFile,
  statFile,
  type StorageRoot,
  storedPlace,
} from "../../../transfer/mod.ts";
import { OWN_TREE, temporaryDirectory, temporaryStorage, tree, writeFile } from "../temporary.ts";

const OPERATIONS = {
  statFile: (root: StorageRoot, name: string) => statFile(root, name),
  openFile: (root: StorageRoot, name: string) => openFile(root, name),
  removeFile: (root: StorageRoot, name: string) => removeFile(root, name),
};

// B2
Deno.test({
  name: "openStorageRoot() says which of its directories is something else",
  ignore: Deno.build.os === "windows",
  async fn() {
    for (const name of [".msquicd", ".msquicd/uploads", ".msquicd/receipts"]) {
      await using directory = await temporaryDirectory();
      const root = directory.path;
      const path = join(root, name);
      await Deno.mkdir(join(root, ".msquicd"), { recursive: true });
      await Deno.remove(path, { recursive: true }).catch(() => {});
      await Deno.writeTextFile(path, "");
      await assert.rejects(openStorageRoot(root), {
        code: "not-a-directory",
        message: `Cannot keep uploads in "${path}": it is a file, not a directory; remove it`,
      });
      await Deno.remove(path);
      await Deno.symlink("..", path);
      await assert.rejects(openStorageRoot(root), {
        code: "symbolic-link",
        message:
          `Cannot keep uploads in "${path}": it is a symbolic link, which is not followed; ` +
          "remove it",
      });
    }
  },
});

Deno.test("openStorageRoot() makes what is missing, and opens what is there", async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "deep/storage");
  const root = await openStorageRoot(path);
  const { space: _space, quotas: _quotas, check: _check, mark, ...places } = root;
  assert.deepEqual(places, {
    path,
    staging: join(path, ".msquicd", "uploads"),
    receipts: join(path, ".msquicd", "receipts"),
    durability: "full",
  });
  await writeFile(join(path, "a"), "kept");
  assert.equal((await openStorageRoot(path)).path, path);
  assert.deepEqual((await openStorageRoot(path)).mark, mark);
  assert.deepEqual(await tree(path), [...OWN_TREE, "a"]);
  if (Deno.build.os !== "windows") {
    assert.equal((await Deno.stat(join(path, ".msquicd"))).mode! & 0o777, 0o700);
  }
});

Deno.test("statFile() and openFile() tell a file's size and time", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  const mtime = Date.UTC(2001, 0, 1);
  await writeFile(join(root.path, "a/b"), "content");
  await Deno.utime(join(root.path, "a/b"), new Date(), new Date(mtime));
  const mode = Deno.build.os === "windows" ? {} : { mode: 0o644 };
  const wanted = { name: "a/b", size: 7, mtime, ...mode };
  assert.deepEqual(await statFile(root, "a/b"), wanted);
  const opened = await openFile(root, "a/b");
  using file = opened.file;
  assert.deepEqual(opened.info, wanted);
  const bytes = new Uint8Array(7);
  await file.read(bytes);
  assert.equal(new TextDecoder().decode(bytes), "content");
});

for (const [operation, run] of Object.entries(OPERATIONS)) {
  Deno.test(`${operation}() refuses what is no file`, async () => {
    await using storage = await temporaryStorage();
    const { root } = storage;
    await writeFile(join(root.path, "a/b"), "kept");
    const wanted = {
      "missing": "not-found",
      "a/missing": "not-found",
      "a/b/c": "not-found",
      "a": "is-a-directory",
      "../a": "invalid-name",
      "a/../a/b": "invalid-name",
      ".msquicd/uploads": "invalid-name",
      "a\\b": "invalid-name",
    };
    for (const [name, code] of Object.entries(wanted)) {
      await assert.rejects(run(root, name), { code }, name);
    }
    assert.deepEqual(await tree(root.path), [
      ...OWN_TREE,
      "a",
      "a/b",
    ]);
  });

  Deno.test({
    name: `${operation}() follows no symbolic link`,
    ignore: Deno.build.os === "windows", // making one takes a privilege there
    async fn() {
      await using outside = await temporaryDirectory();
      await using storage = await temporaryStorage();
      const { root } = storage;
      await writeFile(join(outside.path, "secret"), "secret");
      await writeFile(join(root.path, "inside/file"), "kept");
      await Deno.symlink(outside.path, join(root.path, "out"));
      await Deno.symlink(join(outside.path, "secret"), join(root.path, "secret"));
      await Deno.symlink(join(root.path, "inside"), join(root.path, "in"));
      await Deno.symlink("file", join(root.path, "inside/link"));
      await Deno.symlink(join(outside.path, "missing"), join(root.path, "dangling"));
      await Deno.symlink(".msquicd", join(root.path, "private"));
      const names = [
        "out/secret",
        "secret",
        "in/file",
        "inside/link",
        "dangling",
        "private/uploads",
      ];
      for (const name of names) {
        const wanted = { name: "SymbolicLinkError", code: "symbolic-link" };
        await assert.rejects(run(root, name), wanted, name);
      }
      assert.equal(await Deno.readTextFile(join(outside.path, "secret")), "secret");
      assert.equal((await tree(root.path)).length, 12);
    },
  });
}

Deno.test({
  name: "openFile() does not wait for a named pipe",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using storage = await temporaryStorage();
    const { root } = storage;
    await new Deno.Command("mkfifo", { args: [join(root.path, "pipe")] }).output();
    await assert.rejects(openFile(root, "pipe"), { code: "not-a-file" });
  },
});

Deno.test("removeFile() removes the directories that become empty, and not the root", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  for (const name of ["a/b/c/1", "a/b/2", "3"]) await writeFile(join(root.path, name), "content");
  const own = OWN_TREE;
  await removeFile(root, "a/b/c/1");
  assert.deepEqual(await tree(root.path), [...own, "3", "a", "a/b", "a/b/2"]);
  await removeFile(root, "a/b/2");
  assert.deepEqual(await tree(root.path), [...own, "3"]);
  await removeFile(root, "3");
  assert.deepEqual(await tree(root.path), own);
});

Deno.test("removeFile() and StagedFile.publish() in the same directory do not disturb each other", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  async function putAndRemove(worker: number): Promise<void> {
    for (let round = 0; round < 15; round++) {
      const name = `shared/deep/${worker}-${round}`;
      await using staged = await StagedFile.create(root.staging);
      await staged.publish(storedPlace(root, name));
      assert.equal((await statFile(root, name)).size, 0);
      await removeFile(root, name);
    }
  }
  await Promise.all(Array.from({ length: 8 }, (_, worker) => putAndRemove(worker)));
  assert.deepEqual(await tree(root.path), OWN_TREE);
});
