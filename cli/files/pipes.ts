import { orAborted } from "../../base/mod.ts";
import type { ByteReader } from "../../client/mod.ts";
import { fileError } from "../../transfer/mod.ts";
import { OutputError, ReaderGoneError } from "../errors.ts";
import { isReaderGone } from "../text/standard_streams.ts";
import { isStandardInput, isStandardOutput } from "./dash.ts";

/** What is read once, and closed then. */
export interface PipeInput extends ByteReader, Disposable {}

/** What takes bytes, and is closed then. */
export interface PipeOutput extends Disposable {
  /** Writes all of some bytes, which may be used again when it settles. @throws The signal's reason. */
  write(bytes: Uint8Array): Promise<void>;
}

/** How much is written at a time, in bytes. */
const PIECE_LENGTH = 256 * 1024;

/** Opens standard input or a pipe; waits until somebody writes to it. @throws The signal's reason. */
export async function openInput(path: string, signal: AbortSignal): Promise<PipeInput> {
  const action = `Cannot copy "${path}"`;
  const standard = isStandardInput(path);
  const file = standard ? Deno.stdin : await open(path, { read: true }, action, signal);
  return {
    read: (buffer) => naming(file.read(buffer), action),
    [Symbol.dispose]: () => standard || file.close(),
  };
}

/**
 * Opens standard output, a pipe or a device, of which nothing is made anew or cut; waits until somebody reads
 * from a pipe.
 *
 * @param signal Ends that wait, and the one for a reader to take what is written.
 * @throws The signal's reason.
 */
export async function openOutput(path: string, signal: AbortSignal): Promise<PipeOutput> {
  const action = `Cannot write "${path}"`;
  const standard = isStandardOutput(path);
  const file = standard ? Deno.stdout : await open(path, { write: true }, action, signal);
  // What is still being written when nobody waits any more is in memory of its own.
  const piece = new Uint8Array(PIECE_LENGTH);
  return {
    async write(bytes) {
      try {
        for (let done = 0; done < bytes.length;) {
          const part = bytes.subarray(done, done + PIECE_LENGTH);
          piece.set(part);
          done += await orAborted(file.write(piece.subarray(0, part.length)), signal);
        }
      } catch (cause) {
        signal.throwIfAborted();
        if (isReaderGone(cause)) throw new ReaderGoneError();
        throw standard ? new OutputError(cause) : fileError(cause, action);
      }
    },
    [Symbol.dispose]: () => standard || file.close(),
  };
}

/** Opens what may have to wait for its other end, which nobody may ever open. */
async function open(
  path: string,
  options: Deno.OpenOptions,
  action: string,
  signal: AbortSignal,
): Promise<Deno.FsFile> {
  const opening = naming(Deno.open(path, options), action);
  try {
    return await orAborted(opening, signal);
  } catch (error) {
    if (signal.aborted) await stopOpening(path, opening);
    throw error;
  }
}

/**
 * Has the system wait no longer: whoever opened the other end of a pipe later would find one that nobody is
 * at. What has both ends open waits for none.
 */
async function stopOpening(path: string, opening: Promise<Deno.FsFile>): Promise<void> {
  opening.then((file) => file.close(), () => {});
  try {
    if (!(await Deno.stat(path)).isFifo) return;
    using _both = await Deno.open(path, { read: true, write: true });
    await opening;
  } catch {
    // It has gone, or may only be used the one way: its other end will end the wait.
  }
}

async function naming<Result>(doing: Promise<Result>, action: string): Promise<Result> {
  try {
    return await doing;
  } catch (cause) {
    throw fileError(cause, action);
  }
}
