import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { lockUpload, type UploadStorage } from "../../../transfer/mod.ts";
import { placeOf } from "../../../transfer/storage/place.ts";
import { Quotas } from "../../../transfer/storage/quotas.ts";
import { Usage } from "../../../transfer/storage/usage.ts";
import { type QuotaRoom, reserveInQuotas } from "../../../transfer/upload/quota_room.ts";
import { StagedFile } from "../../../transfer/upload/staged_file.ts";
import { noteKeyOf } from "../../../transfer/upload/upload_key.ts";
import { type UploadNote, writeNote } from "../../../transfer/upload/upload_notes.ts";
import { temporaryStorage } from "../temporary.ts";

const MIB = 1024 * 1024;

/** Begins to store what comes through a pipe. */
async function pipe(root: UploadStorage, name: string): Promise<AsyncDisposable & QuotaRoom> {
  const staged = await StagedFile.create(root.staging);
  const key = noteKeyOf(basename(staged.path));
  const announce = (note: UploadNote) => writeNote(root.staging, key, note);
  const wish = {
    ...{ name, storer: undefined, size: 1, open: true },
    replaces: false,
    key,
    announce,
  };
  const room = await reserveInQuotas(root, wish, placeOf(join(root.path, name)));
  assert.ok(room !== undefined);
  const dispose = () => staged[Symbol.asyncDispose]();
  return { grow: (...step) => room.grow(...step), [Symbol.asyncDispose]: dispose };
}

Deno.test("A file that grows keeps its room in a quota, however often that is looked for", async () => {
  await using storage = await temporaryStorage();
  const root = { ...storage.root, quotas: new Quotas({ "/": 40 * MIB }), tryLock: lockUpload };
  const promised = async () => {
    using usage = await Usage.open(root);
    return usage.used("d:/").promised;
  };
  await using one = await pipe(root, "one");
  for (const size of [10, 26, 36]) {
    await one.grow(size * MIB, false);
    assert.equal(await promised(), size * MIB);
  }
  await assert.rejects(one.grow(41 * MIB, false), { code: "quota-exceeded" });
  assert.equal(await promised(), 36 * MIB);
  await using other = await pipe(root, "other");
  await assert.rejects(other.grow(20 * MIB, true), { code: "quota-exceeded" });
  await other.grow(4 * MIB, true);
  assert.equal(await promised(), 40 * MIB);
});
