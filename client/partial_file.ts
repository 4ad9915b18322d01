import { dirname, join } from "node:path";
import { FileLock, StreamAbortedError } from "../ffi/mod.ts";
import {
  ApplicationError,
  type FileInfo,
  type FileVersion,
  ProtocolError,
  RemoteError,
} from "../protocol/mod.ts";
import {
  ChunkJournal,
  type ChunkLevels,
  Chunks,
  FileExistsError,
  FileNotFoundError,
  FilePermissionError,
  FileTooLargeError,
  isNamed,
  NoSpaceError,
  PositionedFile,
  RECEIVER_LOCK_OFFSET,
  RESUMABLE_SIZE,
  StagedFile,
} from "../transfer/mod.ts";
import { reserveHere } from "./local_room.ts";
import { partialName, versionOf } from "./partial_name.ts";

/** What an earlier call has left of a file. */
export interface Leftover {
  path: string;
  /** Of which file on the server it is. */
  version: FileVersion;
  /** How many bytes there are from its start on, without a gap. */
  length: number;
}

/** A file that is being fetched; it can be left beside its destination for a later call to go on with. */
export class PartialFile implements AsyncDisposable {
  readonly staged: StagedFile;
  readonly #resources: AsyncDisposableStack;
  readonly #keeps: boolean;

  private constructor(staged: StagedFile, resources: AsyncDisposableStack, keeps: boolean) {
    this.staged = staged;
    this.#resources = resources;
    this.#keeps = keeps;
  }

  /**
   * Makes a file, or opens what is there of it.
   *
   * @param keeps Whether it is to stay when it is interrupted.
   */
  static async open(destination: string, info: FileInfo, keeps: boolean): Promise<PartialFile> {
    await using resources = new AsyncDisposableStack();
    const lasting = keeps && info.size >= RESUMABLE_SIZE
      ? await openLasting(join(dirname(destination), partialName(destination, info)), resources)
      : undefined;
    const staged = lasting ?? resources.use(await StagedFile.create(dirname(destination)));
    return new PartialFile(staged, resources.move(), lasting !== undefined);
  }

  /**
   * Reserves room for all of it; see {@linkcode reserveHere}.
   *
   * @param path Where it goes.
   * @param size In bytes.
   */
  async reserve(path: string, size: number): Promise<void> {
    await reserveHere(this.staged.path, path, size);
  }

  /**
   * Ends it after an error: one that may stay is kept, unless what is there is wrong, or the disk needs the
   * room.
   *
   * @param bytes How many there are; by default, as many as it is long.
   * @returns How many bytes are kept.
   */
  async leave(error: unknown, bytes?: number): Promise<number> {
    if (this.#keeps && !isFinal(error)) {
      const there = bytes ?? (await Deno.lstat(this.staged.path)).size;
      if (there > 0) {
        await this.staged.giveRoomBack();
        this.staged.keep();
        return there;
      }
    }
    await this.staged.discard();
    return 0;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }
}

/** Whether going on with what is there would not help, or needs room that is not there. */
function isFinal(error: unknown): boolean {
  return error instanceof ProtocolError || error instanceof NoSpaceError ||
    error instanceof FileTooLargeError || isDamaged(error);
}

/** Whether the server's disk has changed what is there, which may be part of what has come. */
function isDamaged(error: unknown): boolean {
  return error instanceof RemoteError && error.code === "damaged" ||
    error instanceof StreamAbortedError && error.errorCode === ApplicationError.damaged;
}

/** Looks for what an earlier call has left. */
export async function findLeftover(destination: string): Promise<Leftover | undefined> {
  const directory = dirname(destination);
  try {
    for await (const { name, isFile } of Deno.readDir(directory)) {
      const version = isFile ? versionOf(name, destination) : undefined;
      if (version === undefined) continue;
      const path = join(directory, name);
      const levels = await levelsUnlessInUse(path, version.size);
      if (levels !== undefined && levels.bytes > 0) return { path, version, length: levels.prefix };
    }
  } catch {
    // A directory that is still to be made, or that may be written to, but not read: then from the start.
  }
  return undefined;
}

/** @returns `undefined` where another call is at it. */
async function openLasting(
  path: string,
  resources: AsyncDisposableStack,
): Promise<StagedFile | undefined> {
  const found = await lookAt(path);
  if (found === "other") return undefined;
  const staged = await reopen(path, found === "nothing");
  if (staged === undefined) return undefined;
  using held = new DisposableStack();
  held.defer(() => staged.keep());
  const lock = tryLock(path);
  if (lock === undefined) return undefined;
  held.use(lock);
  // A link may have been there when it was opened, which leads anywhere.
  if (!await isNamed(staged.file, path)) return undefined;
  held.move();
  // The file is closed before others can have the lock.
  resources.use(lock);
  return resources.use(staged);
}

/** @returns `undefined` where somebody else has it, who lets nobody write to it, or was faster. */
async function reopen(path: string, createNew: boolean): Promise<StagedFile | undefined> {
  try {
    return await StagedFile.reopen(path, { createNew });
  } catch (error) {
    if (error instanceof FilePermissionError || error instanceof FileExistsError) return undefined;
    // Where there was nothing, it is the directory that is missing.
    if (error instanceof FileNotFoundError && !createNew) return undefined;
    throw error;
  }
}

/** Whether a name is a file's own, or nobody's. */
async function lookAt(path: string): Promise<"file" | "nothing" | "other"> {
  try {
    return (await Deno.lstat(path)).isFile ? "file" : "other";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "nothing";
    throw error;
  }
}

/** What there is of a file; `undefined` where another call is at it, it has gone, or makes no sense. */
async function levelsUnlessInUse(path: string, size: number): Promise<ChunkLevels | undefined> {
  using lock = tryLock(path);
  if (lock === undefined) return undefined;
  try {
    using file = await Deno.open(path);
    const chunks = new Chunks(size);
    const { size: length } = await file.stat();
    if (length > size && length !== ChunkJournal.lengthWith(chunks)) return undefined;
    return await new ChunkJournal(new PositionedFile(file), chunks).read();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** `undefined` also where there are no locks: then nothing is kept. */
function tryLock(path: string): Disposable | undefined {
  try {
    return FileLock.tryAcquire(path, RECEIVER_LOCK_OFFSET);
  } catch {
    return undefined;
  }
}
