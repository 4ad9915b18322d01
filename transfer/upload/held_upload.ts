import { getLogger } from "@logtape/logtape";
import { ProtocolError } from "../../protocol/errors.ts";
import { prefixOf } from "../chunks/chunk_journal.ts";
import { FileNotFoundError } from "../errors.ts";
import { type FileStart, hashPrefix } from "../hash_prefix.ts";
import { StagedFile } from "./staged_file.ts";
import { isNamed, lockIfPossible, removeOthers, sizeOf, takeOver, whenFree } from "./take_over.ts";
import { lockAgainstChunks } from "./upload_lock.ts";
import { entriesOf, hashChecked } from "./upload_journal.ts";
import type { UploadSubject } from "./upload_key.ts";
import type { UploadStorage } from "./upload_storage.ts";

const logger = getLogger(["msquicd", "transfer"]);

/** A staged file, whose lock keeps others from writing to it. */
export interface Held {
  staged: StagedFile;
  lock: Disposable | undefined;
  start?: FileStart;
}

/** Makes an empty file. */
export async function begin(
  { staging, tryLock }: UploadStorage,
  owner: string,
): Promise<Held> {
  const staged = await StagedFile.create(staging, owner);
  // Also where nothing will be kept: it says to those who clean up that somebody is at work.
  return { staged, lock: lockIfPossible(staged.path, tryLock) };
}

/**
 * Goes on with what is there.
 *
 * @param upload.offset What comes begins there: so much of it is hashed.
 * @throws {ProtocolError} `cannot-resume`: there is less, or another attempt has taken over.
 */
export async function goOn(
  storage: UploadStorage,
  owner: string,
  { name, size, offset }: UploadSubject & { offset: number },
): Promise<Held> {
  await using stack = new AsyncDisposableStack();
  const there = await take(storage, owner, size, stack);
  if (there === undefined) throw cannotResume(offset, 0);
  const { staged, lock, length, prefix } = there;
  if (prefix < offset) throw cannotResume(offset, prefix);
  if (lock === undefined || (length === size && offset < size)) {
    return await copy(storage, owner, staged.file, offset);
  }
  const entries = entriesOf(staged.path, offset);
  const { start, good } = await hashChecked(staged.file, offset, entries);
  if (start === undefined) {
    logger.warning("Found {name} damaged behind byte {good}, of which {length} bytes were kept", {
      name,
      good,
      length,
    });
    await staged.file.truncate(good);
    throw cannotResume(offset, good);
  }
  if (length > offset) await staged.file.truncate(offset);
  stack.move();
  return { staged, lock, start };
}

/**
 * Goes on with what is there of an upload that comes in chunks, as it is; or begins, if nothing is.
 *
 * @throws {ProtocolError} `cannot-resume`: another attempt has taken over.
 */
export async function goOnInChunks(
  storage: UploadStorage,
  owner: string,
  size: number,
): Promise<Held> {
  await using stack = new AsyncDisposableStack();
  const there = await take(storage, owner, size, stack);
  if (there === undefined) return await beginAlone(storage, owner);
  const { staged, lock, length, prefix } = there;
  // One of full length may have been published already.
  if (lock === undefined || length === size) {
    return await copy(storage, owner, staged.file, prefix);
  }
  stack.move();
  return { staged, lock };
}

/**
 * Makes an empty file, of several attempts that begin at once for one at most: their chunks come with no name
 * but the upload's. Where it is for none, all are to ask again.
 *
 * @throws {ProtocolError} `cannot-resume`: it is not for this one.
 */
async function beginAlone(storage: UploadStorage, owner: string): Promise<Held> {
  const held = await begin(storage, owner);
  const { path } = held.staged;
  try {
    await removeOthers(storage.staging, owner, path);
    if (await sizeOf(path) === undefined) throw takenOver();
    return held;
  } catch (error) {
    await release(held);
    throw error;
  }
}

async function release({ lock, staged }: Held): Promise<void> {
  lock?.[Symbol.dispose]();
  await staged.discard();
}

/** What was taken over. */
interface Taken {
  readonly staged: StagedFile;
  /** `undefined` where somebody else may write to it still. */
  readonly lock: Disposable | undefined;
  readonly length: number;
  /** How much there is from its start on, in bytes. */
  readonly prefix: number;
}

/** @returns `undefined` if there is nothing. */
async function take(
  storage: UploadStorage,
  owner: string,
  size: number,
  stack: AsyncDisposableStack,
): Promise<Taken | undefined> {
  const { staging, tryLock } = storage;
  const path = await takeOver(staging, owner);
  if (path === undefined) return undefined;
  const staged = await StagedFile.reopen(path).catch((error) => {
    throw error instanceof FileNotFoundError ? takenOver() : error;
  });
  stack.defer(() => staged.keep());
  const lock = tryLock === undefined ? undefined : await whenFree(path, tryLock);
  if (lock !== undefined) stack.use(lock);
  if (!await isNamed(staged.file, path)) throw takenOver();
  const { size: length } = await staged.file.stat();
  const prefix = await prefixOf(staged.file, length, size);
  if (length <= size || lock === undefined) return { staged, lock, length, prefix };
  using alone = await whenFree(path, lockAgainstChunks);
  return { staged, lock: alone === undefined ? undefined : lock, length, prefix };
}

/** Goes on in another file: others may write to the one that is there. */
async function copy(
  storage: UploadStorage,
  owner: string,
  from: Deno.FsFile,
  offset: number,
): Promise<Held> {
  const held = await begin(storage, owner);
  try {
    const start = await hashPrefix(from, offset, { copyTo: held.staged.file });
    await removeOthers(storage.staging, owner, held.staged.path);
    return { ...held, start };
  } catch (error) {
    await release(held);
    throw error;
  }
}

function cannotResume(offset: number, length: number): ProtocolError {
  return new ProtocolError(
    "cannot-resume",
    `Upload cannot go on at byte ${offset}: ${length} bytes of it are here; ask again`,
  );
}

/** Another attempt has taken what is there away. */
export function takenOver(): ProtocolError {
  return new ProtocolError("cannot-resume", "Another request goes on with this upload");
}
