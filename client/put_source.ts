import { type ByteSink, fileError, hashPrefix, NotAFileError, sendFile } from "../transfer/mod.ts";
import { hashBytes, sendBytes } from "./send_bytes.ts";

/** Something that can be sent. */
export interface Source {
  /** In bytes. */
  readonly size: number;
  /** Time of last modification, in milliseconds since 1970-01-01 UTC. */
  readonly mtime?: number;
  /** Sends it from an offset on, with the SHA-256 of all of it, which it returns in hexadecimal. */
  send(sink: ByteSink, offset: number, signal: AbortSignal): Promise<string>;
  /** The SHA-256 of all of it, in hexadecimal. */
  digest(signal: AbortSignal | undefined): Promise<string>;
}

/** What is told of the way. */
export interface SourceOptions {
  /** Is told how many bytes the server has been sent so far, by earlier attempts too. */
  onProgress?: (bytes: number) => void;
}

/** Bytes in memory, which must not change meanwhile. */
export function memorySource(data: Uint8Array, { onProgress }: SourceOptions): Source {
  return {
    size: data.length,
    async send(sink, offset, signal) {
      const start = offset === 0 ? undefined : await hashBytes(data, offset, signal);
      return await sendBytes(sink, data, { signal, onProgress, start });
    },
    async digest(signal) {
      const { hash } = await hashBytes(data, data.length, signal);
      return hash.digest("hex");
    },
  };
}

/** An open file as it is now. */
export async function fileSource(
  path: string,
  file: Deno.FsFile,
  { onProgress }: SourceOptions,
): Promise<Source> {
  const { isFile, size, mtime } = await file.stat();
  if (!isFile) throw new NotAFileError(`Cannot send "${path}": it is not a regular file`);
  const progress = onProgress === undefined ? {} : { onProgress };
  return {
    size,
    ...(mtime === null ? {} : { mtime: mtime.getTime() }),
    async send(sink, offset, signal) {
      const start = await hashPrefix(file, offset, { signal });
      return await sendFile(sink, file, size, { signal, start, ...progress });
    },
    async digest(signal) {
      const { hash } = await hashPrefix(file, size, signal === undefined ? {} : { signal });
      return hash.digest("hex");
    },
  };
}

/** @throws {FileNotFoundError | FilePermissionError} */
export async function openSource(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path);
  } catch (cause) {
    throw fileError(cause, `Cannot read "${path}"`);
  }
}
