import type { FileInfo, FileListRequest, FileListResponse } from "../../protocol/mod.ts";
import type { FileMoveRequest } from "../../protocol/messages/file_move.ts";
import type { FilePutRequest } from "../../protocol/messages/file_put.ts";
import type { QuotaUse } from "../../protocol/messages/file_quotas.ts";
import type { FileResumeResponse } from "../../protocol/messages/file_resume.ts";
import type { FileSumResponse } from "../../protocol/messages/file_sum.ts";
import type { ChunkLevels } from "../chunks/chunk_levels.ts";
import type { Chunks } from "../chunks/chunks.ts";
import type { ChunkWitness } from "../chunks/verify_chunks.ts";
import type { FileStart } from "../hash_prefix.ts";
import type { FileJournal } from "../file_journal.ts";
import type { ListReader } from "./listings.ts";
import type { ReadableFile, WritableFile } from "./open_file.ts";
import type { StorageCheck } from "./storage_rules.ts";

/**
 * Where a server keeps its files, and all that the handlers of messages know of that. What it has to do is
 * its contract, a suite of tests that each kind passes (`tests/transfer/storage/contract/`); the local disk
 * is one (`DiskStorage`).
 *
 * Names are those of the protocol, and checked here again. Errors are those of `transfer/errors.ts`, with the
 * same codes from whatever kind, and `InvalidNameError`.
 */
export interface FileStorage {
  /** What it takes; to be asked before anything is stored. */
  readonly check: StorageCheck;

  /** @throws {FileNotFoundError | IsADirectoryError | NotAFileError | FilePermissionError} */
  stat(name: string): Promise<FileInfo>;

  /** Opens a file, which stays what it is while it is open, whatever is done to its name. */
  open(name: string): Promise<OpenedFile>;

  /**
   * Reads a small file at once.
   *
   * @param buffer Takes its bytes; what does not fit is not small.
   * @returns `undefined` where {@linkcode open} has to do it, or to say why it cannot be done.
   */
  readNow(name: string, buffer: Uint8Array): FileAtOnce | undefined;

  /** Whether a file has exactly these bytes. */
  holds(name: string, bytes: Uint8Array): Promise<boolean>;

  /**
   * Lists a page, in the order of the names' UTF-16 code units.
   *
   * @param reader For whom the rest may be kept, for the next page.
   */
  list(
    request: FileListRequest,
    reader: ListReader,
    signal: AbortSignal,
  ): Promise<FileListResponse>;

  /** Reads a file again, and tells its SHA-256, and what that was when it was stored, if that is known. */
  sum(name: string, signal: AbortSignal): Promise<FileSumResponse>;

  /**
   * The quotas of directories, and that of a token, with what is used of them; without it, there are none.
   *
   * @param storer Name of the token.
   */
  quotas?(storer: string | undefined, signal: AbortSignal): Promise<QuotaUse[]>;

  /** Removes a file, and the directories that thereby become empty. */
  remove(name: string): Promise<void>;

  /** Removes an empty directory, and those above that thereby become empty. @throws {DirectoryNotEmptyError} */
  removeDirectory(name: string): Promise<void>;

  /**
   * Makes a directory, and those above that are missing.
   *
   * @returns Whether it was not there before.
   * @throws {FileExistsError} A file has the name. @throws {NotADirectoryError}
   */
  makeDirectory(name: string): boolean | Promise<boolean>;

  /**
   * Gives a file, or a directory with all that is in it, another name, in one step.
   *
   * @param signal Gives up before anything is done.
   * @throws {OtherFileSystemError} Of a directory, where that takes more than one step.
   */
  move(request: FileMoveRequest, signal?: AbortSignal): Promise<void>;

  /**
   * Stores a small file at once, where nothing has to be flushed for that.
   *
   * @param content The file's bytes and, behind them, their SHA-256.
   * @param storer Name of the token that stores it, for what that may have stored.
   * @returns The SHA-256 in hexadecimal; `undefined` where {@linkcode target} has to do it, or to say why it
   * cannot be done.
   * @throws {FileExistsError} A file without an id is not to replace the one that is there.
   */
  storeNow(request: FilePutRequest, content: Uint8Array, storer?: string): string | undefined;

  /**
   * Begins to store small files that are to be safe from power cuts before they are acknowledged.
   *
   * @returns `undefined`, as where there is no such thing: what {@linkcode storeNow} has stored is.
   */
  storeTogether?(): SmallFileBatch | undefined;

  /**
   * A place for a file. It is let go when it is disposed of.
   *
   * @param storer Name of the token that stores it, for what that may have stored.
   */
  target(name: string, storer?: string): FileTarget;

  /**
   * Whether this process has just stood still, so that what it reads may have come long ago, and have been
   * stored by others since.
   */
  wasStopped?(): boolean;

  /**
   * Under which names uploads are stored, where these are not what their clients have called them. Without, that
   * is asked anew at each attempt.
   */
  readonly renames?: UploadRenames | undefined;
}

/** An upload, with what its client has called the file. */
export type NamedUpload = UploadIdentity & { readonly name: string };

/** Other names that uploads have got: known as long as their clients may ask again. */
export interface UploadRenames {
  /** @returns `undefined` if it has got none. */
  find(upload: NamedUpload): Promise<string | undefined>;
  /** @returns The name that holds: one that was noted before. */
  note(
    upload: NamedUpload,
    name: string,
  ): Promise<string>;
}

/**
 * Small files that are stored together: each is written when it comes, and gets its own name when all have been
 * flushed, which takes hardly longer than one. Disposed of, it gives up those that have none.
 */
export interface SmallFileBatch extends Disposable {
  /**
   * Writes one under a temporary name.
   *
   * @param content The file's bytes and, behind them, their SHA-256; not needed afterwards.
   * @param storer Name of the token that stores it.
   */
  add(request: FilePutRequest, content: Uint8Array, storer?: string): void;

  /** Takes the place of one that is not to be stored. */
  skip(): void;

  /**
   * Has the disk begin to write what was added: what is flushed after that is flushed together. What that fails for
   * is in the way of those.
   */
  writeOut(): Promise<void>;

  /** Flushes what was added. What that fails for is in the way of those. */
  flush(): Promise<void>;

  /**
   * Gives one its own name.
   *
   * @param request With which it was added, as the one of that index.
   * @returns As {@linkcode FileStorage.storeNow}.
   * @throws {FileExistsError}
   */
  place(index: number, request: FilePutRequest): string | undefined;

  /** Flushes the names: until then, none of them may be acknowledged. */
  flushNames(): Promise<void>;
}

/** What is known of a file that is read. */
export interface FileAtOnce {
  readonly info: FileInfo;
  /** The SHA-256 that its bytes had when they were stored, in hexadecimal; missing where that is not known. */
  readonly stored?: string | undefined;
}

/** A file that is open. */
export interface OpenedFile extends FileAtOnce {
  readonly file: ReadableFile;
}

/** What is to be stored: with `size` where that is known before, with `id` where it can go on later. */
export type TargetRequest = Omit<FilePutRequest, "size"> & { readonly size?: number };

/** Where a file is to be. */
export interface FileTarget extends Disposable {
  /** What it is called there. */
  readonly name: string;

  /**
   * Finds out whether it could be stored, without doing anything.
   *
   * @returns The SHA-256 of the file, if it was this very upload, of that id, that stored it before.
   * @throws {FileExistsError | NotNewerError | NotAFileError | NotADirectoryError | SymbolicLinkError}
   */
  find(request: TargetRequest): Promise<string | undefined>;

  /**
   * Begins to store it. Nobody sees anything of it until it is published. With an `offset` in the request it
   * goes on with what is there.
   *
   * @throws {ProtocolError} `cannot-resume`: there are fewer bytes than it is to go on from.
   */
  begin(request: TargetRequest): Promise<IncomingFile>;

  /**
   * Begins to store a file whose chunks come in any order, by others as well: see {@linkcode writeChunks}. Where
   * there is no such thing, files are stored as a whole.
   *
   * @param repeated Whether there may have been an attempt before, to go on from.
   * @returns `undefined` for a file that is to come as a whole.
   * @throws {ProtocolError} `cannot-resume`: another attempt has taken over.
   */
  beginChunks?(upload: ChunkedRequest, repeated: boolean): Promise<IncomingChunks | undefined>;

  /**
   * Writes chunks of an upload that {@linkcode beginChunks} has begun, in this process or another.
   *
   * @throws {ProtocolError} `cannot-resume`: nobody receives it.
   */
  writeChunks?(upload: UploadIdentity): Promise<ChunksWriter>;

  /** How far an upload has come; who receives it still does not publish it any more. */
  resume(upload: UploadIdentity): Promise<FileResumeResponse>;
}

/** What makes an upload the same as an earlier one. */
export interface UploadIdentity {
  /** What its client has called the file, where that is not the name of the target. */
  readonly name?: string;
  /** The client's own name for it: with it, a repetition is known. */
  readonly id: string;
  /** The client's own name for what is kept of it if it is interrupted; by default, `id`. */
  readonly part?: string;
  /** In bytes. */
  readonly size: number;
}

/** A file on its way. Disposed of before it is published, it leaves nothing, but what can go on. */
export interface IncomingFile extends AsyncDisposable {
  readonly file: WritableFile;
  /** Absolute path by which what there is of it can be read; `undefined` where it is on no disk of this machine. */
  readonly path?: string | undefined;
  /** What is there already, if it goes on. */
  readonly start: FileStart | undefined;
  /** Is told of what has been written, where that is written down for those who go on. */
  readonly journal?: FileJournal | undefined;
  /** Aborts when another attempt has taken over; `undefined` where none can. */
  readonly signal: AbortSignal | undefined;

  /**
   * Has room reserved for what is still to come.
   *
   * @returns Is told how many bytes there are of it, whenever there are more; gives back what is left, if it is
   * disposed of. What it throws ends the upload.
   * @throws {ProtocolError} `no-space` or `quota-exceeded`, with how much is missing.
   * @throws {FileTooLargeError}
   */
  reserve(signal?: AbortSignal): Promise<IncomingRoom>;

  /**
   * Gives the file its name, in one step: who looks sees what was there before, or the whole new file. Of
   * several at once with `never`, one succeeds.
   *
   * @param sha256 Of its bytes, in hexadecimal.
   */
  publish(sha256: string): Promise<void>;

  /** Keeps nothing to go on with after an error that would come up again. */
  dropAfter(error: unknown): Promise<void>;
}

/** What is to be stored in chunks. */
export type ChunkedRequest = Omit<FilePutRequest, "offset"> & { readonly id: string };

/** A file on its way whose chunks others write. */
export interface IncomingChunks extends Omit<IncomingFile, "file" | "start"> {
  /** What is there of it. */
  readonly levels: ChunkLevels;

  /**
   * Lets chunks be written, when there is room for them.
   *
   * @returns Whether it is so: if not, the file is to come as a whole.
   */
  begin(): Promise<boolean>;

  /** Compares what is there with what the client has, as it comes; see `verifyChunks`. */
  verify(witness: ChunkWitness): AsyncGenerator<number, string, void>;
}

/** Writes chunks of a file that is on its way. */
export interface ChunksWriter extends AsyncDisposable {
  readonly chunks: Chunks;
  /** Aborts when another attempt has taken over. */
  readonly signal: AbortSignal;

  /**
   * Writes a part of a chunk.
   *
   * @param from Where in the chunk it begins: all before is there.
   * @param bytes Each piece is valid until the next one is asked for.
   * @throws {ProtocolError} `cannot-resume`: another attempt has taken over.
   */
  write(chunk: number, from: number, bytes: AsyncIterable<Uint8Array>): Promise<void>;
}

/** Room for a file that is on its way. */
export interface IncomingRoom extends Disposable {
  /**
   * @param received How many bytes of the file there are.
   * @returns Where there is something to wait for, before more is written.
   */
  progress(received: number): void | Promise<void>;
}
