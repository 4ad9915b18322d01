import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  holdStorage,
  listFiles,
  openFile,
  openStorageRoot,
  removeFile,
  statFile,
  type StorageRoot,
  storeAtOnce,
} from "../../../transfer/mod.ts";
import { OWN_TREE, temporaryDirectory, temporaryStorage, tree, writeFile } from "../temporary.ts";

const bytes = new TextEncoder().encode("content");
const framed = new Uint8Array([...bytes, ...createHash("sha256").update(bytes).digest()]);
const UNAVAILABLE = { name: "StorageUnavailableError", code: "storage-unavailable" };

function store(root: StorageRoot, name: string): string | undefined {
  return storeAtOnce({ ...root, owner: "test" }, { name, size: bytes.length }, framed);
}

/** Everything that can be asked of a storage that is not there. */
async function assertUnavailable(root: StorageRoot): Promise<void> {
  await assert.rejects(listFiles(root), UNAVAILABLE);
  await assert.rejects(statFile(root, "a"), UNAVAILABLE);
  await assert.rejects(openFile(root, "a"), UNAVAILABLE);
  await assert.rejects(removeFile(root, "a"), UNAVAILABLE);
  assert.throws(() => holdStorage(root), UNAVAILABLE);
  assert.equal(store(root, "b"), undefined);
}

async function assertUsable(root: StorageRoot, names: readonly string[]): Promise<void> {
  assert.ok(store(root, "new"));
  const { entries } = await listFiles(root);
  assert.deepEqual(entries.map(({ name }) => name), [...names, "new"]);
}

Deno.test("a storage whose own directory is removed makes it again", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  assert.ok(store(root, "a"));
  const id = await Deno.readTextFile(`${root.path}/.msquicd/id`);
  await Deno.remove(`${root.path}/.msquicd`, { recursive: true });
  await assertUsable(root, ["a"]);
  assert.equal(await Deno.readTextFile(`${root.path}/.msquicd/id`), id);
});

Deno.test("a storage that is removed is not made again, and nothing is told of what is in it", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  assert.ok(store(root, "a"));
  const away = `${root.path}-away`;
  await Deno.rename(root.path, away);
  await assertUnavailable(root);
  await assert.rejects(Deno.lstat(root.path), Deno.errors.NotFound);
  await Deno.rename(away, root.path);
  await assertUsable(root, ["a"]);
});

Deno.test("a directory in place of the storage, as under a file system that was unmounted, is left alone", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  assert.ok(store(root, "a"));
  const away = `${root.path}-away`;
  await Deno.rename(root.path, away);
  await writeFile(`${root.path}/a`, "of somebody else");
  await assertUnavailable(root);
  // Nor is it taken by a worker that begins meanwhile, which knows the storage from its manager.
  const begun = await openStorageRoot(root.path, root.mark);
  await assertUnavailable(begun);
  assert.deepEqual(await tree(root.path), ["a"]);
  await Deno.remove(root.path, { recursive: true });
  await Deno.rename(away, root.path);
  await assertUsable(begun, ["a"]);
  assert.equal((await statFile(root, "new")).size, bytes.length);
});

Deno.test("a storage is known by its file where it comes back as another directory", async () => {
  await using storage = await temporaryStorage();
  await using elsewhere = await temporaryDirectory();
  const { root } = storage;
  assert.ok(store(root, "a"));
  const copy = `${elsewhere.path}/copy`;
  await new Deno.Command("cp", { args: ["-a", root.path, copy] }).output();
  await Deno.rename(root.path, `${root.path}-away`);
  await assertUnavailable(root);
  await Deno.rename(copy, root.path);
  await assertUsable(root, ["a"]);
});

Deno.test("a storage whose file was lost with the power gets another one", async () => {
  await using storage = await temporaryStorage();
  const path = join(storage.root.path, ".msquicd", "id");
  for (const left of ["", "\0".repeat(36)]) {
    await Deno.writeTextFile(path, left);
    const { mark } = await openStorageRoot(storage.root.path);
    assert.match(mark.id, /^[0-9a-f-]{36}$/);
    assert.equal(await Deno.readTextFile(path), mark.id);
    assert.deepEqual(await tree(storage.root.path), OWN_TREE);
  }
});

Deno.test("openStorageRoot() with a mark waits for the storage, and makes nothing", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  await Deno.rename(root.path, `${root.path}-away`);
  const begun = await openStorageRoot(root.path, root.mark);
  await assertUnavailable(begun);
  await Deno.rename(`${root.path}-away`, root.path);
  await assertUsable(begun, []);
  assert.deepEqual((await tree(root.path)).filter((path) => !path.endsWith("receipts")), [
    ...OWN_TREE.filter((path) => !path.endsWith("receipts")),
    "new",
  ]);
});
