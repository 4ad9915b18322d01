import { ApplicationError } from "../../protocol/application_errors.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import {
  FileExistsError,
  FileNotFoundError,
  FileTooLargeError,
  NoSpaceError,
  NotADirectoryError,
  NotAFileError,
  spaceError,
  SymbolicLinkError,
} from "../errors.ts";
import { type FileStart, hashPrefix } from "../hash_prefix.ts";
import type { Place } from "../storage/place.ts";
import { findPublished, identityOf, noteReceipt } from "./published.ts";
import { findReceipt } from "./receipts.ts";
import { type PublishOptions, StagedFile } from "./staged_file.ts";
import type { StorageRoot } from "../storage/storage_root.ts";
import {
  isNamed,
  lockIfPossible,
  removeOthers,
  sizeOf,
  takeOver,
  type TryLock,
  whenFree,
} from "./take_over.ts";
import type { GivenUpUpload } from "./kept_uploads.ts";
import { receiptKey, stagedAs, type UploadSubject } from "./upload_key.ts";
import { removeNote, type UploadNote, writeNote } from "./upload_notes.ts";
import { watchName } from "./watch_name.ts";

/** From this size on an upload that was interrupted is kept: less is as soon sent again, in bytes. */
export const RESUMABLE_SIZE = 1024 * 1024;

/** What may be otherwise at the next attempt, by its code. */
const PASSING: ReadonlySet<string> = new Set([
  "cannot-resume",
  "cannot-run",
  "hook-failed",
  "shutting-down",
  "too-many-actions",
]);

/** Where uploads with an id are stored. */
export interface UploadStorage extends StorageRoot {
  /** Without it, nothing is kept of an upload that was interrupted. */
  readonly tryLock?: TryLock;
  /**
   * Whether this process did not run for a while until a moment ago, so that what it reads may have come
   * long ago, and have been stored by others since.
   */
  readonly wasStopped?: () => boolean;
  /** Is told that an upload was interrupted, and what was received of it is kept. */
  readonly onKept?: () => void;
  /** Is told that what was kept of an upload is removed, since its room was needed. */
  readonly onGivenUp?: (upload: GivenUpUpload) => void;
}

/** An upload with an id, and what it goes on from. */
export interface UploadRequest extends UploadSubject {
  /** What the client sends begins there. `undefined`: it has not tried before; 0: it starts again. */
  offset?: number;
  /** By which token it is stored. */
  storer?: string;
}

/** A staged file, whose lock keeps others from writing to it. */
interface Held {
  staged: StagedFile;
  lock: Disposable | undefined;
  start?: FileStart;
}

/**
 * One attempt to receive an upload with an id. If it fails, what was received stays, for another attempt,
 * here or by another worker with the same storage, to go on with.
 *
 * There is one receiver of an upload, the latest: it has the temporary name, which is the right to
 * publish, and it has the lock, which is the right to write. The name is taken at once, the lock is waited
 * for; if it cannot be had, because its holder is stopped and may go on any time, the bytes are copied and
 * the holder is left alone with its file, which nobody will ever see. A file of full length may have been
 * published already, and is never written to again.
 */
export class Upload implements AsyncDisposable {
  readonly #storage: UploadStorage;
  readonly #request: UploadRequest;
  readonly #held: Held;
  readonly #lost = new AbortController();
  readonly #watch: AsyncDisposable | undefined;
  #over = false;
  #noted = false;
  /** What is written down of it besides. */
  #facts: Partial<UploadNote> = {};

  private constructor(storage: UploadStorage, request: UploadRequest, held: Held) {
    this.#storage = storage;
    this.#request = request;
    this.#held = held;
    if (held.lock === undefined || !this.#resumable) return;
    this.#watch = watchName(held.staged.path, {
      onSeen: () => this.#note(),
      onGone: () => this.#lost.abort(takenOver()),
    });
  }

  /**
   * Begins an attempt.
   *
   * @throws {ProtocolError} `cannot-resume`: there are fewer bytes than the client goes on from.
   * @throws {FilePermissionError | NoSpaceError}
   */
  static async open(storage: UploadStorage, request: UploadRequest): Promise<Upload> {
    const { offset, size } = request;
    const owner = stagedAs(request);
    if (offset) return new Upload(storage, request, await goOn(storage, owner, offset, size));
    await using stack = new AsyncDisposableStack();
    const upload = stack.use(new Upload(storage, request, await begin(storage, owner)));
    // Who has not tried before has nothing there, and need not wait for the look.
    if (offset === 0) await removeOthers(storage.staging, owner, upload.#held.staged.path);
    stack.move();
    return upload;
  }

  /** Where the bytes are written to, behind those that are there. */
  get file(): Deno.FsFile {
    return this.#held.staged.file;
  }

  /** Where it is staged. */
  get path(): string {
    return this.#held.staged.path;
  }

  /** What is there already, if anything is. */
  get start(): FileStart | undefined {
    return this.#held.start;
  }

  /** Aborts when another attempt has taken over; `undefined` where nobody can. */
  get signal(): AbortSignal | undefined {
    return this.#watch === undefined ? undefined : this.#lost.signal;
  }

  /**
   * Gives the file its own name; see {@linkcode StagedFile.publish}. It is done as well if an earlier
   * attempt did it.
   *
   * @param sha256 Of the file's bytes, in hexadecimal.
   * @throws {ProtocolError} `cannot-resume`: another attempt has taken over.
   */
  async publish(target: Place, sha256: string, options: PublishOptions): Promise<void> {
    const { staged } = this.#held;
    if (await this.#isLate(target, sha256)) return await this.#drop();
    try {
      const { storer } = this.#request;
      const noted = storer === undefined ? { sha256 } : { sha256, storer };
      await staged.publish(target, { ...options, ...noted }, {
        replacing: async (path) => {
          const file = await identityOf(path);
          if (file !== undefined) await noteReceipt(this.#storage, this.#request, sha256, file);
        },
        placed: () => noteReceipt(this.#storage, this.#request, sha256),
      });
    } catch (error) {
      if (error instanceof FileNotFoundError) throw takenOver();
      if (!(error instanceof FileExistsError)) throw error;
      const earlier = await findPublished(this.#storage, this.#request, target);
      if (earlier !== sha256) throw error;
      await staged.discard();
    }
    this.#over = true;
    if (this.#request.offset === undefined) return;
    // An attempt that was given up before may have come late, and have left something since.
    await removeOthers(this.#storage.staging, stagedAs(this.#request), staged.path);
  }

  /** Keeps nothing for another attempt after an error that would come up again, or because the client has given up. */
  async dropAfter(error: unknown): Promise<void> {
    // With a name for what is kept the client may come back, even if it does not want it now.
    const cancelled = this.#request.part === undefined &&
      isReset(error, ApplicationError.cancelled);
    if (isFinal(error) || cancelled || isReset(error, ApplicationError.abandoned)) {
      await this.#drop();
    }
  }

  /** Ends the attempt; if it has not succeeded, what was received is kept. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { lock, staged } = this.#held;
    try {
      await this.#watch?.[Symbol.asyncDispose]();
      if (!this.#over && lock !== undefined && await this.#isWanted()) await this.#keep();
      else if (!this.#over) await this.#drop();
      if (this.#over) await this.#forget();
    } finally {
      // Also if it could not be found out whether it is wanted.
      staged.keep();
      // Not before the file is closed: the next one to have the lock is to be alone.
      lock?.[Symbol.dispose]();
    }
    if (!this.#over) this.#storage.onKept?.();
  }

  /** Whether it is kept if it is interrupted. */
  get #resumable(): boolean {
    return this.#request.size >= RESUMABLE_SIZE;
  }

  /**
   * Writes down, for others who look for room, what it was promised.
   *
   * @returns Whether it is written.
   */
  async announce(facts: Partial<UploadNote>): Promise<boolean> {
    this.#facts = { ...this.#facts, ...facts };
    return await this.#writeNote();
  }

  async #keep(): Promise<void> {
    this.#held.staged.keep();
    await this.#note();
  }

  /** Writes down what it is, for those who ask what is kept. */
  async #note(): Promise<void> {
    if (!this.#noted) await this.#writeNote();
  }

  #writeNote(): Promise<boolean> {
    this.#noted = true;
    const { name, size, storer } = this.#request;
    return writeNote(this.#storage.staging, stagedAs(this.#request), {
      ...{ name, size },
      ...(storer === undefined ? {} : { storer }),
      ...this.#facts,
    });
  }

  /** Removes what this attempt, or the one before, has written down. */
  async #forget(): Promise<void> {
    if (!this.#noted && this.#request.offset === undefined) return;
    await removeNote(this.#storage.staging, stagedAs(this.#request));
  }

  /**
   * Whether another attempt has been done long since: what it has stored may have been replaced by now,
   * and is not to come back.
   */
  async #isLate(target: Place, sha256: string): Promise<boolean> {
    if (!this.#storage.wasStopped?.()) return false;
    const stored = await findPublished(this.#storage, this.#request, target);
    if (stored === undefined || stored === sha256) return stored !== undefined;
    throw takenOver();
  }

  /** Whether another attempt may go on with what is there: none will, if one was done meanwhile. */
  async #isWanted(): Promise<boolean> {
    if (!this.#resumable || !await sizeOf(this.#held.staged.path)) return false;
    return await findReceipt(this.#storage.receipts, receiptKey(this.#request)) === undefined;
  }

  async #drop(): Promise<void> {
    this.#over = true;
    await this.#held.staged.discard();
  }
}

async function begin(
  { staging, tryLock }: UploadStorage,
  owner: string,
): Promise<Held> {
  const staged = await StagedFile.create(staging, owner);
  // Also where nothing will be kept: it says to those who clean up that somebody is at work.
  return { staged, lock: lockIfPossible(staged.path, tryLock) };
}

async function goOn(
  storage: UploadStorage,
  owner: string,
  offset: number,
  size: number,
): Promise<Held> {
  const path = await takeOver(storage.staging, owner);
  if (path === undefined) throw cannotResume(offset, 0);
  await using stack = new AsyncDisposableStack();
  const staged = await StagedFile.reopen(path);
  stack.defer(() => staged.keep());
  const lock = storage.tryLock === undefined ? undefined : await whenFree(path, storage.tryLock);
  if (lock !== undefined) stack.use(lock);
  if (!await isNamed(staged.file, path)) throw takenOver();
  const { size: length } = await staged.file.stat();
  if (length < offset) throw cannotResume(offset, length);
  if (lock === undefined || (length === size && offset < size)) {
    return await copy(storage, owner, staged.file, offset);
  }
  const start = await hashPrefix(staged.file, offset);
  if (length > offset) await staged.file.truncate(offset);
  stack.move();
  return { staged, lock, start };
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
    held.lock?.[Symbol.dispose]();
    await held.staged.discard();
    throw error;
  }
}

/**
 * Whether another attempt would only meet the same error; or has to wait for room that what is kept would
 * take away.
 */
function isFinal(error: unknown): boolean {
  return error instanceof ProtocolError && !PASSING.has(error.code) ||
    error instanceof FileExistsError || error instanceof NotAFileError ||
    error instanceof NotADirectoryError || error instanceof SymbolicLinkError ||
    error instanceof NoSpaceError ||
    error instanceof FileTooLargeError || spaceError(error, "") !== undefined;
}

/** Whether an error says that the client has reset the stream for that reason. */
function isReset(error: unknown, code: ApplicationError): boolean {
  return error instanceof Error && "errorCode" in error && error.errorCode === code;
}

function cannotResume(offset: number, length: number): ProtocolError {
  return new ProtocolError(
    "cannot-resume",
    `Upload cannot go on at byte ${offset}: ${length} bytes of it are here; ask again`,
  );
}

function takenOver(): ProtocolError {
  return new ProtocolError("cannot-resume", "Another request goes on with this upload");
}
