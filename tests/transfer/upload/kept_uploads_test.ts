import assert from "node:assert/strict";
import { listKept, makeRoom, removeKept, trimKept } from "../../../transfer/upload/kept_uploads.ts";
import { FileLock } from "../../../ffi/mod.ts";
import { ChunkJournal } from "../../../transfer/chunks/chunk_journal.ts";
import { Chunks } from "../../../transfer/chunks/chunks.ts";
import { StagedFile } from "../../../transfer/upload/staged_file.ts";
import { stagedPath } from "../../../transfer/storage/staged_names.ts";
import { stagedAs } from "../../../transfer/upload/upload_key.ts";
import { readNote, removeOldNotes, writeNote } from "../../../transfer/upload/upload_notes.ts";
import { temporaryStorage } from "../temporary.ts";

const LENGTH = 100_000;

/** Another process's view of the locks would be the same: they belong to an open file. */
const tryLock = (path: string) => FileLock.tryAcquire(path, 2 ** 52, { create: false });

/** Leaves uploads that were interrupted, each a minute younger than the one before. */
async function keep(staging: string, count: number): Promise<string[]> {
  const names: string[] = [];
  for (let index = 0; index < count; index++) {
    const subject = { id: `${index}`, name: `file ${index}`, size: LENGTH * 20 };
    const staged = await StagedFile.create(staging, stagedAs(subject));
    await staged.file.truncate(LENGTH);
    staged.keep();
    await writeNote(staging, stagedAs(subject), subject);
    const time = Date.now() - (count - index) * 60_000;
    await Deno.utime(staged.path, time / 1000, time / 1000);
    names.push(subject.name);
  }
  return names;
}

async function namesKept(staging: string): Promise<(string | undefined)[]> {
  const kept = await listKept(staging);
  return await Promise.all(kept.map(async ({ owner }) => (await readNote(staging, owner))?.name));
}

// I6
Deno.test("trimKept() removes the oldest until neither number nor bytes are too many", async () => {
  await using storage = await temporaryStorage();
  const { staging } = storage.root;
  const names = await keep(staging, 20);
  const limits = { count: 15, bytes: Infinity };
  assert.equal(await trimKept(staging, tryLock, limits), 5);
  assert.deepEqual(await namesKept(staging), names.slice(5));
  assert.equal(await trimKept(staging, tryLock, { ...limits, bytes: LENGTH * 4 + 1 }), 11);
  assert.deepEqual(await namesKept(staging), names.slice(16));
  assert.equal(await trimKept(staging, tryLock, limits), 0);
  await removeOldNotes(staging, Date.now() + 1000);
  assert.deepEqual(await namesKept(staging), names.slice(16));
});

Deno.test("trimKept() spares what is being received, and what has just been made", async () => {
  await using storage = await temporaryStorage();
  const { staging } = storage.root;
  const names = await keep(staging, 4);
  const [oldest] = await listKept(staging);
  using _receiver = tryLock(oldest!.path);
  const young = { id: "young", name: "young", size: LENGTH * 20 };
  await using _made = await StagedFile.create(staging, stagedAs(young));
  assert.equal(await trimKept(staging, tryLock, { count: 0, bytes: 0 }), 3);
  assert.deepEqual(await namesKept(staging), [names[0], undefined]);
});

Deno.test("trimKept() does not count what is being received", async () => {
  await using storage = await temporaryStorage();
  const { staging } = storage.root;
  const names = await keep(staging, 5);
  const [oldest, next] = await listKept(staging);
  await Deno.truncate(next!.path, LENGTH * 100);
  using _receivers = new DisposableStack();
  for (const { path } of [oldest!, next!]) _receivers.use(tryLock(path)!);
  assert.equal(await trimKept(staging, tryLock, { count: 3, bytes: LENGTH * 3 }), 0);
  assert.equal(await trimKept(staging, tryLock, { count: 2, bytes: LENGTH * 3 }), 1);
  const left = await namesKept(staging);
  assert.deepEqual(left.sort(), [names[0], names[1], names[3], names[4]]);
});

Deno.test("trimKept() counts what has come in chunks, and keeps one that is too large by itself", async () => {
  await using storage = await temporaryStorage();
  const { staging } = storage.root;
  const names = await keep(staging, 2);
  const striped = { id: "striped", name: "striped", size: LENGTH * 1000 };
  const staged = await StagedFile.create(staging, stagedAs(striped));
  await staged.file.truncate(ChunkJournal.lengthWith(new Chunks(striped.size)));
  staged.keep();
  await writeNote(staging, stagedAs(striped), striped);
  const limits = { count: 10, bytes: LENGTH * 3 };
  assert.equal(await trimKept(staging, tryLock, limits), 0);

  const huge = { id: "huge", name: "huge", size: LENGTH * 2000 };
  const large = await StagedFile.create(staging, stagedAs(huge));
  await large.file.truncate(LENGTH * 100);
  large.keep();
  await writeNote(staging, stagedAs(huge), huge);
  assert.equal(await trimKept(staging, tryLock, limits), names.length + 1);
  assert.deepEqual(await namesKept(staging), ["huge"]);
});

// H1
Deno.test("makeRoom() removes as many of the oldest as it takes, and none if that is not enough", async () => {
  await using storage = await temporaryStorage();
  const { staging } = storage.root;
  const names = await keep(staging, 6);
  const [first, second] = await listKept(staging);
  assert.equal(await makeRoom({ staging }, tryLock, LENGTH * 6 + 1, undefined), false);
  assert.deepEqual(await namesKept(staging), names);
  using receiver = tryLock(second!.path);
  assert.equal(await makeRoom({ staging }, tryLock, LENGTH + 1, first!.owner), true);
  assert.deepEqual(await namesKept(staging), [names[0], names[1], names[4], names[5]]);
  receiver?.[Symbol.dispose]();
  assert.equal(await makeRoom({ staging }, tryLock, LENGTH * 4, undefined), true);
  assert.deepEqual(await namesKept(staging), []);
});

Deno.test("makeRoom() leaves what somebody has gone on with between the look and the lock", async () => {
  await using storage = await temporaryStorage();
  const { staging } = storage.root;
  const [name] = await keep(staging, 1);
  const told: unknown[] = [];
  const place = { staging, onGivenUp: (upload: unknown) => void told.push(upload) };
  const lockLate = (path: string) => {
    const lock = tryLock(path);
    Deno.renameSync(path, stagedPath(staging, path.slice(staging.length + 1, -42)));
    return lock;
  };
  assert.equal(await makeRoom(place, lockLate, 1, undefined), false);
  const [kept] = await listKept(staging);
  assert.equal(await removeKept(kept!, lockLate), false);
  assert.deepEqual([told, await namesKept(staging)], [[], [name]]);
});
