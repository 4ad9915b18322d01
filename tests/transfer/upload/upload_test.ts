import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { addReceipt, findReceipt, removeOldReceipts } from "../../../transfer/upload/receipts.ts";
import { findUpload } from "../../../transfer/upload/find_upload.ts";
import { removeOldUploads, Upload, type UploadRequest } from "../../../transfer/mod.ts";
import { ProtocolError } from "../../../protocol/mod.ts";
import { asNobody, giveToNobody, mayBeNobody } from "../../fixtures/as_nobody.ts";
import { placeOf } from "../../../transfer/storage/place.ts";
import { identityOf } from "../../../transfer/upload/published.ts";
import { StagedFile } from "../../../transfer/upload/staged_file.ts";
import { receiptKey, stagedAs } from "../../../transfer/upload/upload_key.ts";
import { lockUpload } from "../../../transfer/upload/upload_lock.ts";
import { readNote } from "../../../transfer/upload/upload_notes.ts";
import { temporaryStorage, writeFile } from "../temporary.ts";

const MIB = 1024 * 1024;
const DAY_MS = 24 * 60 * 60_000;

/** Locks that only this process knows of; those in `stuck` are never to be had. */
class Locks {
  readonly held = new Set<number>();

  readonly tryLock = (path: string): Disposable | undefined => {
    const ino = Deno.lstatSync(path).ino ?? 0;
    if (this.held.has(ino)) return undefined;
    this.held.add(ino);
    return { [Symbol.dispose]: () => void this.held.delete(ino) };
  };
}

function requestOf(size: number, offset?: number): UploadRequest {
  const request = { id: "0".repeat(32), name: "a", size };
  return offset === undefined ? request : { ...request, offset };
}

function hex(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

Deno.test({
  name: "Upload leaves a receiver that was stopped alone with its file",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using storage = await temporaryStorage();
    const { tryLock } = new Locks();
    const root = { ...storage.root, tryLock };
    const target = join(root.path, "a");
    const data = new Uint8Array(randomBytes(3 * MIB));
    // Stopped: it does not see that its file has another name now, and keeps the lock.
    const stopped = await StagedFile.create(root.staging, stagedAs(requestOf(data.length)));
    using _lock = tryLock(stopped.path);
    await stopped.file.write(data.subarray(0, 2 * MIB));
    const { offset } = await findUpload(root, requestOf(data.length), placeOf(target));
    assert.equal(offset, 2 * MIB);
    await using upload = await Upload.open(root, requestOf(data.length, offset));
    assert.equal(upload.start?.hash.copy().digest("hex"), hex(data.subarray(0, offset)));
    await upload.file.write(data.subarray(offset));
    await upload.publish(placeOf(target), hex(data), {});
    assert.deepEqual(Array.from(Deno.readDirSync(root.staging)), []);
    // It goes on: what it writes goes nowhere, and it cannot publish.
    await stopped.file.write(new Uint8Array(MIB).fill(7));
    await assert.rejects(stopped.publish(join(root.path, "b")), { code: "not-found" });
    await assert.rejects(stopped.publish(target, { overwrite: "always" }), { code: "not-found" });
    await stopped.discard();
    assert.equal(hex(await Deno.readFile(target)), hex(data));
  },
});

Deno.test("Upload does not bring back, after a stop, what others have stored and replaced", async () => {
  await using storage = await temporaryStorage();
  const root = { ...storage.root, wasStopped: () => true };
  const target = join(root.path, "a");
  const data = new Uint8Array(randomBytes(1000));
  async function store(): Promise<void> {
    await using upload = await Upload.open(root, requestOf(data.length));
    await upload.file.write(data);
    await upload.publish(placeOf(target), hex(data), { overwrite: "always" });
  }
  await store();
  assert.equal(hex(await Deno.readFile(target)), hex(data), "not stored before");
  await writeFile(target, "young");
  await store();
  assert.equal(await Deno.readTextFile(target), "young");
  assert.deepEqual(Array.from(Deno.readDirSync(root.staging)), []);
});

Deno.test("Upload never writes again to a file of full length, which may be published", async () => {
  await using storage = await temporaryStorage();
  const root = { ...storage.root, tryLock: new Locks().tryLock };
  const data = new Uint8Array(randomBytes(2 * MIB));
  {
    await using first = await Upload.open(root, requestOf(data.length));
    await first.file.write(data);
  }
  const [{ name } = assert.fail("Nothing was kept")] = Array.from(Deno.readDirSync(root.staging));
  await Deno.link(join(root.staging, name), join(root.path, "copy"));
  await using second = await Upload.open(root, requestOf(data.length, MIB));
  await second.file.write(new Uint8Array(MIB));
  assert.equal(hex(await Deno.readFile(join(root.path, "copy"))), hex(data));
});

Deno.test("findUpload() knows an upload whose receiver was killed right after publishing it", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  const target = join(root.path, "a");
  const data = new Uint8Array(randomBytes(1000));
  const request = requestOf(data.length);
  const staged = await StagedFile.create(root.staging, stagedAs(request));
  await staged.file.write(data);
  staged.keep();
  assert.deepEqual(await findUpload(root, request, placeOf(target)), { offset: 0 });
  const [{ name } = assert.fail("Nothing is staged")] = Array.from(Deno.readDirSync(root.staging));
  await Deno.link(join(root.staging, name), target);
  for (let round = 0; round < 2; round++) {
    const found = await findUpload(root, request, placeOf(target));
    assert.deepEqual(found, { offset: data.length, sha256: hex(data) });
    assert.deepEqual(Array.from(Deno.readDirSync(root.staging)), []);
  }
});

Deno.test("findUpload() knows an upload whose receiver was killed right after it replaced a file", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  const target = join(root.path, "a");
  const request = requestOf(3);
  await writeFile(target, "old");
  await writeFile(join(root.path, "new"), "new");
  const file = await identityOf(join(root.path, "new"));
  assert.ok(file);
  const sha256 = hex(new TextEncoder().encode("new"));
  await addReceipt(root.receipts, { key: receiptKey(request), sha256, file });
  assert.deepEqual(await findUpload(root, request, placeOf(target)), { offset: 0 });
  await Deno.rename(join(root.path, "new"), target);
  assert.deepEqual(await findUpload(root, request, placeOf(target)), { offset: 3, sha256 });
});

Deno.test("findUpload() believes a receipt from before the system was started only if the file is there", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  const target = join(root.path, "a");
  const request = requestOf(3);
  const sha256 = hex(new TextEncoder().encode("new"));
  await addReceipt(root.receipts, { key: receiptKey(request), sha256 });
  assert.deepEqual(await findUpload(root, request, placeOf(target)), { offset: 3, sha256 });
  const [{ name } = assert.fail("No receipts")] = Array.from(Deno.readDirSync(root.receipts));
  const path = join(root.receipts, name);
  await Deno.writeTextFile(path, (await Deno.readTextFile(path)).replace(/@\w+|$/, "@00000000"));
  for (const [content, found] of [[undefined, false], ["\0\0\0", false], ["new", true]] as const) {
    if (content !== undefined) await writeFile(target, content);
    const expected = found ? { offset: 3, sha256 } : { offset: 0 };
    assert.deepEqual(await findUpload(root, request, placeOf(target)), expected, content);
  }
});

Deno.test("receipts survive lines that were cut short, and are removed when they are old", async () => {
  await using storage = await temporaryStorage();
  const { receipts } = storage.root;
  const now = Date.now();
  const [one, two, sha256] = ["1".repeat(32), "2".repeat(32), "a".repeat(64)];
  await addReceipt(receipts, { key: one, sha256 }, now);
  const [{ name } = assert.fail("No receipts")] = Array.from(Deno.readDirSync(receipts));
  await Deno.writeTextFile(join(receipts, name), `\n${two} aaaa`, { append: true });
  assert.equal(await findReceipt(receipts, two, now), undefined);
  await addReceipt(receipts, { key: two, sha256 }, now);
  for (const key of [one, two]) {
    assert.deepEqual(await findReceipt(receipts, key, now + 59 * 60_000), { key, sha256 });
    assert.equal(await findReceipt(receipts, key, now + DAY_MS), undefined);
  }
  await removeOldReceipts(receipts, now + 59 * 60_000);
  assert.equal(Array.from(Deno.readDirSync(receipts)).length, 1);
  await removeOldReceipts(receipts, now + DAY_MS);
  assert.deepEqual(Array.from(Deno.readDirSync(receipts)), []);
});

Deno.test("findReceipt() finds the last of a receipt among very many, also across blocks", async () => {
  await using storage = await temporaryStorage();
  const { receipts } = storage.root;
  const now = Date.now();
  const sha256 = (index: number) => index.toString(16).padStart(64, "0");
  const key = (index: number) => index.toString(16).padStart(32, "0");
  await addReceipt(receipts, { key: key(0), sha256: sha256(0) }, now);
  const [{ name } = assert.fail("No receipts")] = Array.from(Deno.readDirSync(receipts));
  // Three blocks, in which each key is twice, and the later one counts.
  const count = 15_000;
  const lines = Array.from(
    { length: 2 * count },
    (_, index) => `\n${key(index % count)} ${sha256(index)}\n`,
  );
  await Deno.writeTextFile(join(receipts, name), lines.join(""), { append: true });
  await Deno.writeTextFile(join(receipts, name), `\n${key(5)} aaaa`, { append: true });
  for (let index = 0; index < count; index += 501) {
    const found = await findReceipt(receipts, key(index), now);
    assert.deepEqual(found, { key: key(index), sha256: sha256(count + index), earlier: true });
  }
  const edge = [5, count - 1];
  for (const index of edge) {
    assert.equal((await findReceipt(receipts, key(index), now))?.sha256, sha256(count + index));
  }
  assert.equal(await findReceipt(receipts, key(count), now), undefined);
});

Deno.test("findReceipt() reads many receipts once for all who ask, and sees each new one", async () => {
  await using storage = await temporaryStorage();
  const { receipts } = storage.root;
  const now = Date.now();
  const sha256 = "0".repeat(64);
  const key = (index: number) => createHash("sha256").update(`${index}`).digest("hex").slice(32);
  await addReceipt(receipts, { key: key(0), sha256 }, now);
  const [{ name } = assert.fail("No receipts")] = Array.from(Deno.readDirSync(receipts));
  const path = join(receipts, name);
  const count = 150_000;
  const lines = Array.from({ length: count }, (_, index) => `\n${key(index)} ${sha256}\n`);
  await Deno.writeTextFile(path, lines.join(""), { append: true });
  const find = (index: number) => findReceipt(receipts, key(index), now);
  const start = performance.now();
  const [absent] = await Promise.all([
    Promise.all(Array.from({ length: 500 }, (_, index) => find(count + index))),
    find(1),
  ]);
  // Reading them for each took 20 s.
  assert.ok(performance.now() - start < 15_000, `${performance.now() - start} ms`);
  assert.ok(absent.every((receipt) => receipt === undefined));
  for (const index of [0, 1, count / 2, count - 1]) {
    assert.equal((await find(index))?.key, key(index));
  }
  for (let index = count; index < count + 20; index++) {
    const [before] = await Promise.all([
      find(index + 1),
      addReceipt(receipts, { key: key(index), sha256 }, now),
    ]);
    assert.equal(before, undefined);
    assert.deepEqual(await find(index), { key: key(index), sha256 });
  }
  await Deno.truncate(path);
  assert.equal(await find(1), undefined);
  await addReceipt(receipts, { key: key(1), sha256 }, now);
  await Deno.writeTextFile(path, lines.slice(2, 2000).join(""), { append: true });
  assert.equal((await find(1))?.key, key(1));
  assert.equal((await find(1999))?.key, key(1999));
});

Deno.test("removeOldUploads() removes what nobody has gone on with for a day", async () => {
  await using storage = await temporaryStorage();
  const { staging } = storage.root;
  const { tryLock } = new Locks();
  const ages = { young: DAY_MS / 2, old: DAY_MS * 2, held: DAY_MS * 2, small: DAY_MS / 2 };
  const paths: Record<string, string> = {};
  for (const [name, age] of Object.entries(ages)) {
    const staged = await StagedFile.create(staging, stagedAs({ ...requestOf(MIB), name }));
    await staged.file.truncate(name === "small" ? 10 : MIB);
    staged.keep();
    await Deno.utime(staged.path, new Date(Date.now() - age), new Date(Date.now() - age));
    paths[name] = staged.path;
  }
  await using other = await StagedFile.create(staging, "other");
  await Deno.utime(other.path, new Date(0), new Date(0));
  using _held = tryLock(paths.held!);
  assert.equal(await removeOldUploads(staging, tryLock), 2);
  const left = Array.from(Deno.readDirSync(staging), ({ name }) => join(staging, name)).sort();
  assert.deepEqual(left, [paths.young!, paths.held!, other.path].sort());
});

Deno.test({
  name: "Upload goes on with what was to be read-only, and what is kept of that can be removed",
  ignore: !mayBeNobody,
  async fn() {
    await using storage = await temporaryStorage();
    const root = { ...storage.root, tryLock: lockUpload };
    const data = new Uint8Array(randomBytes(2 * MIB));
    const target = join(root.path, "a");
    // Killed when its mode was set, and it was about to get its name.
    const leave = async (id: string) => {
      const subject = { ...requestOf(data.length), id };
      const staged = await StagedFile.create(root.staging, stagedAs(subject));
      await staged.file.write(data);
      staged.keep();
      await Deno.chmod(staged.path, 0o444);
      return subject;
    };
    await leave("old");
    const subject = await leave("new");
    await Deno.chmod(root.path.slice(0, root.path.lastIndexOf("/")), 0o755);
    await giveToNobody(root.path);
    await asNobody(async () => {
      const { offset } = await findUpload(root, subject, placeOf(target));
      assert.equal(offset, data.length);
      await using upload = await Upload.open(root, { ...subject, offset });
      await upload.publish(placeOf(target), hex(data), { mode: 0o444 });
    });
    assert.equal(hex(await Deno.readFile(target)), hex(data));
    const later = Date.now() + 10 * DAY_MS;
    const removed = await asNobody(() => removeOldUploads(root.staging, lockUpload, later));
    assert.equal(removed, 1);
  },
});

Deno.test("Upload leaves what a later attempt has written down", async () => {
  await using storage = await temporaryStorage();
  const root = { ...storage.root, tryLock: new Locks().tryLock };
  const request = requestOf(8 * MIB);
  const earlier = await Upload.open(root, request);
  await earlier.announce({ counts: true });
  await using later = await Upload.open(root, { ...request, offset: 0 });
  await later.announce({ counts: true });
  await earlier[Symbol.asyncDispose]();
  assert.equal((await readNote(root.staging, stagedAs(request)))?.counts, true);
});

Deno.test("Upload is kept where its end was only too early, as while quotas are counted", async () => {
  await using storage = await temporaryStorage();
  const root = { ...storage.root, tryLock: new Locks().tryLock };
  for (const [code, kept] of [["storage-unavailable", 1], ["quota-exceeded", 0]] as const) {
    await using stack = new AsyncDisposableStack();
    const upload = stack.use(await Upload.open(root, requestOf(2 * MIB)));
    await upload.file.write(new Uint8Array(2 * MIB));
    await upload.dropAfter(new ProtocolError(code, code));
    await stack.disposeAsync();
    assert.equal(Array.from(Deno.readDirSync(root.staging)).length, kept, code);
    await findUpload(root, requestOf(2 * MIB), placeOf(join(root.path, "a")));
    for (const { name } of Deno.readDirSync(root.staging)) {
      Deno.removeSync(join(root.staging, name));
    }
  }
});
