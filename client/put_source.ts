import {
  type ByteSink,
  type FileStart,
  hashPrefix,
  NotAFileError,
  PositionedFile,
  sendFile,
  SMALL_SIZE,
  type TransferTimes,
} from "../transfer/mod.ts";
import { readUnmixed } from "./held_file.ts";
import { factsOf, type SourceFacts } from "./source_facts.ts";
import { hashBytes, sendBytes } from "./send_bytes.ts";
import { changeBetween, checkUnmixed, isWritten } from "./source_change.ts";
import { sourceError } from "./source_error.ts";

/** Something that can be sent. */
export interface Source extends SourceFacts {
  /** In bytes. */
  readonly size: number;
  /** All of it, if it is in memory. */
  readonly held?: Uint8Array;
  /** Where the file is. */
  readonly path?: string;
  /** The file that it is in; not used while it is sent as a whole. */
  readonly file?: PositionedFile;
  /** Sends it from an offset on, with the SHA-256 of all of it, which it returns in hexadecimal. */
  send(sink: ByteSink, offset: number, signal: AbortSignal): Promise<string>;
  /** The SHA-256 of all of it, in hexadecimal. */
  digest(signal: AbortSignal | undefined): Promise<string>;
  /** Whether it was written to since it was looked at first. */
  hasChanged(): Promise<boolean>;
  /** Why what was read of it may be a mixture, as far as the system tells. */
  change(): Promise<Error | undefined>;
  /**
   * Finds that what was read of it is no mixture; see `checkUnmixed`. Sending it as a whole does so itself.
   *
   * @throws {SizeChangedError | SourceChangedError}
   */
  check(digest: Uint8Array, signal: AbortSignal): Promise<void>;
}

/** What is told of the way. */
export interface SourceOptions {
  /** Is told how many bytes the server has been sent so far, by earlier attempts too. */
  onProgress?: (bytes: number) => void;
  /** Is told what was waited for. */
  times: TransferTimes;
  /** Ends the wait for a file that is read ahead. */
  signal?: AbortSignal;
  /** Whether large files are hashed; by default they are. */
  hashed?: boolean;
}

/** Bytes in memory, which must not change meanwhile. */
export function memorySource(
  data: Uint8Array,
  options: SourceOptions,
  facts: SourceFacts = {},
): Source {
  return {
    size: data.length,
    held: data,
    ...facts,
    async send(sink, offset, signal) {
      const start = offset === 0 ? undefined : await hashBytes(data, offset, signal);
      return await sendBytes(sink, data, { ...options, signal, start });
    },
    async digest(signal) {
      const { hash } = await hashBytes(data, data.length, signal);
      return hash.digest("hex");
    },
    hasChanged: () => Promise.resolve(false),
    change: () => Promise.resolve(undefined),
    check: () => Promise.resolve(),
  };
}

/**
 * An open file as it is now. What the system says is small is read until its end, and what came is sent:
 * for files that are made when they are read, such as those in `/proc`, its size is not to be believed.
 */
export async function fileSource(
  path: string,
  file: Deno.FsFile,
  options: SourceOptions,
): Promise<Source> {
  const info = await file.stat();
  const { isFile, size } = info;
  if (!isFile) throw new NotAFileError(`Cannot send "${path}": it is not a regular file`);
  if (size <= SMALL_SIZE) {
    const held = await naming(path, readUnmixed(path, file, info, options.signal));
    return memorySource(held.bytes, options, factsOf(held.info));
  }
  const positioned = new PositionedFile(file);
  return {
    size,
    path,
    file: positioned,
    ...factsOf(info),
    async send(sink, offset, signal) {
      const start = await naming(path, startAt(file, offset, signal, options.hashed));
      return await naming(
        path,
        sendFile(sink, file, size, {
          ...{ ...options, signal, start },
          onRead: (digest) => checkUnmixed(positioned, info, digest, signal),
        }),
      );
    },
    async digest(signal) {
      const hashing = hashPrefix(file, size, signal === undefined ? {} : { signal });
      return (await naming(path, hashing)).hash.digest("hex");
    },
    async hasChanged() {
      return isWritten(info, await file.stat());
    },
    async change() {
      return changeBetween(info, await file.stat());
    },
    check: (digest, signal) => naming(path, checkUnmixed(positioned, info, digest, signal)),
  };
}

/** Positions a file behind what the server has of it. */
async function startAt(
  file: Deno.FsFile,
  offset: number,
  signal: AbortSignal,
  hashed = true,
): Promise<Partial<FileStart>> {
  if (hashed) return await hashPrefix(file, offset, { signal });
  await file.seek(offset, Deno.SeekMode.Start);
  return { offset };
}

/** @throws {FileNotFoundError | FilePermissionError | NotAFileError} */
export async function openSource(path: string): Promise<Deno.FsFile> {
  // Looked at before it is opened, as opening a pipe would wait for its other end.
  const { isFile, isDirectory } = await naming(path, Deno.stat(path));
  if (!isFile) {
    const kind = isDirectory ? "a directory" : "not a regular file";
    throw new NotAFileError(`Cannot send "${path}": it is ${kind}`);
  }
  return await naming(path, Deno.open(path));
}

/** Says in what goes wrong with a file which one it is. */
async function naming<Result>(path: string, reading: Promise<Result>): Promise<Result> {
  try {
    return await reading;
  } catch (error) {
    throw sourceError(error, path);
  }
}
