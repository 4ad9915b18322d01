import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { delay } from "../../../base/mod.ts";
import { attributeName, setAttribute } from "../../../ffi/files/extended_attribute_linux.ts";
import { findUpload, lockUpload, Upload, type UploadStorage } from "../../../transfer/mod.ts";
import { placeOf } from "../../../transfer/storage/place.ts";
import { entriesOf } from "../../../transfer/upload/upload_journal.ts";
import { temporaryStorage } from "../temporary.ts";

const MIB = 1024 * 1024;
const STEP = 64 * MIB;
const SIZE = STEP + 8 * MIB;
const KEPT = STEP + 5 * MIB;
const ATTRIBUTE = attributeName("user.msquicd.part");

/** Random here and there, so that it is soon made, and one part cannot be taken for another. */
function makeData(): Uint8Array {
  const data = new Uint8Array(SIZE);
  for (let at = 0; at < SIZE; at += 8 * MIB) data.set(randomBytes(1024), at + 12_345);
  return data;
}

interface Bench extends AsyncDisposable {
  readonly root: UploadStorage;
  readonly data: Uint8Array;
  /** What is kept of the upload. */
  readonly part: string;
}

const request = { id: "0".repeat(32), name: "a", size: SIZE };

/** An upload of which some has come, and was written down, and some more, and which was interrupted. */
async function interrupted(): Promise<Bench> {
  const { root: storage, ...disposable } = await temporaryStorage();
  const root = { ...storage, tryLock: lockUpload };
  const data = makeData();
  await receive(root, data, KEPT);
  const [entry] = Array.from(Deno.readDirSync(root.staging));
  assert.ok(entry);
  return { root, data, part: join(root.staging, entry.name), ...disposable };
}

/** Receives up to `end`, and publishes it if that is all. @returns From where on. */
async function receive(root: UploadStorage, data: Uint8Array, end = SIZE): Promise<number> {
  const target = placeOf(join(root.path, "a"));
  const { offset } = await findUpload(root, request, target);
  await using upload = await Upload.open(root, { ...request, offset });
  const hash = upload.start?.hash ?? createHash("sha256");
  for (let at = offset; at < end;) {
    const piece = data.subarray(at, Math.min(at + MIB, end));
    await upload.file.write(piece);
    hash.update(piece);
    at += piece.length;
    upload.journal?.reached(at, hash);
    if (at === STEP) await written(upload.path);
  }
  if (end === SIZE) await upload.publish(target, hash.digest("hex"), {});
  return offset;
}

/** Waits until something is written down: on a slow machine, it is not as much. */
async function written(path: string): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (entriesOf(path, SIZE).length === 0) {
    assert.ok(performance.now() < deadline, "Nothing is written down");
    await delay(5);
  }
}

/** What is written down of it, at least once. */
function offsetsOf(part: string): number[] {
  const offsets = entriesOf(part, SIZE).map(({ offset }) => offset);
  assert.ok(offsets.length > 0 && offsets.at(-1)! <= KEPT, `${offsets}`);
  return offsets;
}

async function assertStored({ root, data }: Bench): Promise<void> {
  const path = join(root.path, "a");
  assert.ok(Buffer.compare(await Deno.readFile(path), data) === 0, "Other bytes are stored");
  assert.equal(entriesOf(path, SIZE).length, 0);
  assert.deepEqual(Array.from(Deno.readDirSync(root.staging)), []);
}

/** Whether the file system keeps what is written down. */
async function hasAttributes(): Promise<boolean> {
  const path = await Deno.makeTempFile();
  const kept = Deno.build.os === "linux" && setAttribute(path, ATTRIBUTE, new Uint8Array(16));
  await Deno.remove(path);
  return kept;
}

const ignore = !await hasAttributes();

Deno.test({
  name: "an upload goes on behind its last byte after its receiver was killed",
  ignore,
  async fn() {
    await using bench = await interrupted();
    offsetsOf(bench.part);
    assert.equal(await receive(bench.root, bench.data), KEPT);
    await assertStored(bench);
  },
});

Deno.test({
  name: "an upload goes on from what was flushed, after the system was started again",
  ignore,
  async fn() {
    await using bench = await interrupted();
    const noted = entriesOf(bench.part, SIZE);
    noteAsBefore(bench.part, noted);
    // The power was cut: what was not flushed is zeros, although the file has its length.
    const flushed = offsetsOf(bench.part).at(-1)!;
    await overwrite(bench.part, flushed, new Uint8Array(KEPT - flushed));
    assert.equal(await receive(bench.root, bench.data), flushed);
    await assertStored(bench);
  },
});

Deno.test({
  name: "what is kept of an upload, and differs from what was written down, is sent again",
  ignore,
  async fn() {
    await using bench = await interrupted();
    const [from, last] = [0, ...offsetsOf(bench.part)].slice(-2);
    const at = last! - 7;
    await overwrite(bench.part, at, new Uint8Array([(bench.data[at] ?? 0) ^ 1]));
    await assert.rejects(receive(bench.root, bench.data), { code: "cannot-resume" });
    assert.equal(await receive(bench.root, bench.data), from);
    await assertStored(bench);
  },
});

async function overwrite(path: string, at: number, bytes: Uint8Array): Promise<void> {
  using file = await Deno.open(path, { write: true });
  await file.seek(at, Deno.SeekMode.Start);
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}

/** Writes a journal of another run of the system. */
function noteAsBefore(
  path: string,
  entries: readonly { offset: number; sha256: Uint8Array }[],
): void {
  const bytes = new Uint8Array(16 + 40 * entries.length);
  for (const [index, { offset, sha256 }] of entries.entries()) {
    new DataView(bytes.buffer).setBigUint64(16 + 40 * index, BigInt(offset));
    bytes.set(sha256, 24 + 40 * index);
  }
  assert.ok(setAttribute(path, ATTRIBUTE, bytes));
}

Deno.test({
  name: "Nothing is kept of an upload of which the disk has lost something: it says so only once",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using storage = await temporaryStorage();
    const root = { ...storage.root, tryLock: lockUpload, durability: "full" as const };
    const { sync } = Deno.FsFile.prototype;
    {
      await using upload = await Upload.open(root, request);
      await upload.file.truncate(STEP);
      let lost = 0;
      Deno.FsFile.prototype.sync = () => (lost++, Promise.reject(new Error("Input/output error")));
      try {
        upload.journal?.reached(STEP, createHash("sha256"));
        while (lost === 0) await delay(1);
      } finally {
        Deno.FsFile.prototype.sync = sync;
      }
    }
    assert.deepEqual(Array.from(Deno.readDirSync(root.staging)), []);
  },
});
