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
import type { FileStart } from "../hash_prefix.ts";
import type { Place } from "../storage/place.ts";
import { listStaged } from "../storage/staged_names.ts";
import { begin, goOn, goOnInChunks, type Held, takenOver } from "./held_upload.ts";
import { findPublished, identityOf, noteReceipt } from "./published.ts";
import type { FileJournal } from "../file_journal.ts";
import { RESUMABLE_SIZE } from "./resumable_size.ts";
import { findReceipt } from "./receipts.ts";
import type { PublishOptions } from "./staged_file.ts";
import { removeOthers, sizeOf } from "./take_over.ts";
import { receiptKey, stagedAs, type UploadSubject } from "./upload_key.ts";
import { UploadJournal } from "./upload_journal.ts";
import { removeNote, type UploadNote, writeNote } from "./upload_notes.ts";
import type { UploadStorage } from "./upload_storage.ts";
import { watchName } from "./watch_name.ts";

/** What may be otherwise at the next attempt, by its code. */
const PASSING: ReadonlySet<string> = new Set([
  "cannot-resume",
  "cannot-run",
  "hook-failed",
  "shutting-down",
  "storage-unavailable",
  "too-many-actions",
]);

/** An upload with an id, and what it goes on from. */
export interface UploadRequest extends UploadSubject {
  /** What the client sends begins there. `undefined`: it has not tried before; 0: it starts again. */
  offset?: number;
  /** By which token it is stored. */
  storer?: string;
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
  readonly #journal: UploadJournal | undefined;
  #over = false;
  #noted = false;
  /** What is written down of it besides. */
  #facts: Partial<UploadNote> = {};

  private constructor(storage: UploadStorage, request: UploadRequest, held: Held) {
    this.#storage = storage;
    this.#request = request;
    this.#held = held;
    if (held.lock === undefined || !this.#resumable) return;
    this.#journal = new UploadJournal(held.staged.path, {
      flushes: storage.durability !== "none",
      directory: storage.staging,
      offset: held.start?.offset,
    });
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
    const { offset } = request;
    const owner = stagedAs(request);
    if (offset) {
      return new Upload(storage, request, await goOn(storage, owner, { ...request, offset }));
    }
    await using stack = new AsyncDisposableStack();
    const upload = stack.use(new Upload(storage, request, await begin(storage, owner)));
    // Who has not tried before has nothing there, and need not wait for the look.
    if (offset === 0) await removeOthers(storage.staging, owner, upload.#held.staged.path);
    stack.move();
    return upload;
  }

  /**
   * Begins an attempt at what comes in chunks; see `ChunkedUpload`.
   *
   * @param repeated Whether there may have been one before, to go on from.
   * @throws {ProtocolError} `cannot-resume`: another attempt has taken over.
   */
  static async openInChunks(
    storage: UploadStorage,
    request: UploadSubject & { storer?: string },
    repeated: boolean,
  ): Promise<Upload> {
    if (!repeated) return new Upload(storage, request, await begin(storage, stagedAs(request)));
    const held = await goOnInChunks(storage, stagedAs(request), request.size);
    return new Upload(storage, { ...request, offset: 0 }, held);
  }

  /** Whether it is kept from others, who may write to it as well where it is not. */
  get locked(): boolean {
    return this.#held.lock !== undefined;
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

  /** What is written down of it for those who go on. */
  get journal(): FileJournal | undefined {
    return this.#journal;
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
    await this.#journal?.end();
    try {
      const { storer } = this.#request;
      const { durability } = this.#storage;
      const noted = { sha256, durability, ...(storer === undefined ? {} : { storer }) };
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
      await this.#journal?.[Symbol.asyncDispose]();
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

  /** Removes what this attempt, or the one before, has written down; a later one has its own. */
  async #forget(): Promise<void> {
    if (!this.#noted && this.#request.offset === undefined) return;
    const { staging } = this.#storage;
    const owner = stagedAs(this.#request);
    if ((await listStaged(staging, owner)).length === 0) await removeNote(staging, owner);
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
    if (!this.#resumable || this.#journal?.hasLost) return false;
    if (!await sizeOf(this.#held.staged.path)) return false;
    const receipt = await findReceipt(this.#storage.receipts, receiptKey(this.#request));
    return receipt === undefined || receipt.earlier === true;
  }

  async #drop(): Promise<void> {
    this.#over = true;
    await this.#held.staged.discard();
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
