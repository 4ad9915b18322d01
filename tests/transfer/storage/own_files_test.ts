import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { holdStorage, lockUpload, storeAtOnce, Upload } from "../../../transfer/mod.ts";
import { addReceipt, findReceipt } from "../../../transfer/upload/receipts.ts";
import { RESUMABLE_SIZE } from "../../../transfer/upload/resumable_size.ts";
import { receiptKey } from "../../../transfer/upload/upload_key.ts";
import { readNote, writeNote } from "../../../transfer/upload/upload_notes.ts";
import { temporaryDirectory, temporaryStorage, tree, writeFile } from "../temporary.ts";

const UNAVAILABLE = { code: "storage-unavailable" };
const NEAR = [-1, 0, 1];
const bytes = new TextEncoder().encode("content");
const sha256 = createHash("sha256").update(bytes).digest();
const request = { id: "0".repeat(32), name: "file", size: bytes.length };
const receipt = { key: receiptKey(request), sha256: sha256.toString("hex") };
const posix = { ignore: Deno.build.os === "windows" };

/** The files that receipts go to about now. */
function receiptFiles(receipts: string): string[] {
  const span = Math.floor(Date.now() / (30 * 60_000));
  return NEAR.map((distance) => join(receipts, `${span + distance}.receipts`));
}

Deno.test({
  name: "receipts are not written to, nor read from, what has been put in their place",
  ...posix,
  async fn() {
    await using outside = await temporaryDirectory();
    await using storage = await temporaryStorage();
    const { root } = storage;
    const precious = join(outside.path, "precious");
    await writeFile(precious, `${receipt.key} ${receipt.sha256}\n`);
    const before = await Deno.readTextFile(precious);
    const impostors: Record<string, (path: string) => Promise<unknown>> = {
      "a link to a file": (path) => Deno.symlink(precious, path),
      "a link that leads nowhere": (path) => Deno.symlink(join(outside.path, "new"), path),
      "a named pipe": (path) => new Deno.Command("mkfifo", { args: [path] }).output(),
      "a directory": (path) => Deno.mkdir(path),
    };
    for (const [what, make] of Object.entries(impostors)) {
      const paths = receiptFiles(root.receipts);
      for (const path of paths) await make(path);
      await assert.rejects(addReceipt(root.receipts, receipt), UNAVAILABLE, what);
      await assert.rejects(findReceipt(root.receipts, receipt.key), UNAVAILABLE, what);
      const framed = new Uint8Array([...bytes, ...sha256]);
      const stored = storeAtOnce({ ...root, owner: "test" }, { ...request, name: what }, framed);
      assert.equal(stored, receipt.sha256, what);
      for (const path of paths) await Deno.remove(path);
    }
    await addReceipt(root.receipts, receipt);
    assert.deepEqual(await findReceipt(root.receipts, receipt.key), receipt);
    assert.equal(await Deno.readTextFile(precious), before);
    assert.deepEqual(await tree(outside.path), ["precious"]);
  },
});

Deno.test({
  name: "notes of interrupted uploads are not written to what a link leads to",
  ...posix,
  async fn() {
    await using outside = await temporaryDirectory();
    await using storage = await temporaryStorage();
    const { staging, path } = storage.root;
    const [owner, note] = ["put-0", { name: "file", size: 7 }];
    const names = join(path, ".msquicd", "names");
    await Deno.symlink(outside.path, names);
    await writeNote(staging, owner, note);
    assert.equal(await readNote(staging, owner), undefined);
    assert.deepEqual(await tree(outside.path), []);
    await Deno.remove(names);
    await Deno.mkdir(names);
    const precious = join(outside.path, "precious");
    await writeFile(precious, JSON.stringify(note));
    await Deno.symlink(precious, join(names, `${owner}.json`));
    assert.equal(await readNote(staging, owner), undefined);
    await writeNote(staging, owner, { ...note, size: 8 });
    assert.deepEqual(await readNote(staging, owner), { ...note, size: 8 });
    assert.deepEqual(JSON.parse(await Deno.readTextFile(precious)), note);
  },
});

Deno.test({
  name: "an upload whose receipts cannot be looked at keeps what it has, and neither file nor lock",
  ...posix,
  async fn() {
    await using storage = await temporaryStorage();
    using held = holdStorage({ ...storage.root, tryLock: lockUpload });
    const large = { ...request, size: 2 * RESUMABLE_SIZE };
    const upload = await Upload.open(held, large);
    await upload.file.write(bytes);
    for (const path of receiptFiles(storage.root.receipts)) await Deno.mkdir(path);
    await assert.rejects(async () => await upload[Symbol.asyncDispose](), UNAVAILABLE);
    const [{ name } = assert.fail("Nothing is kept")] = Array.from(
      Deno.readDirSync(storage.root.staging),
    );
    const path = join(storage.root.staging, name);
    assert.equal((await Deno.stat(path)).size, bytes.length);
    assert.throws(() => upload.file.statSync(), Deno.errors.BadResource);
    using lock = lockUpload(path);
    assert.ok(lock !== undefined, "it is locked");
  },
});
