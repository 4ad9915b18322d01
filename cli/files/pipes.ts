import type { ByteReader } from "../../client/mod.ts";
import { fileError } from "../../transfer/mod.ts";
import { OutputError, ReaderGoneError } from "../errors.ts";
import { isReaderGone } from "../text/standard_streams.ts";
import { isStandardInput, isStandardOutput } from "./dash.ts";

/** What is read once, and closed then. */
export interface PipeInput extends ByteReader, Disposable {}

/** What takes bytes, and is closed then. */
export interface PipeOutput extends Disposable {
  /** Writes all of some bytes, which may be used again when it resolves. */
  write(bytes: Uint8Array): Promise<void>;
}

/** Opens standard input or a pipe; waits until somebody writes to it. */
export async function openInput(path: string): Promise<PipeInput> {
  const action = `Cannot copy "${path}"`;
  const standard = isStandardInput(path);
  const file = standard ? Deno.stdin : await naming(Deno.open(path), action);
  return {
    read: (buffer) => naming(file.read(buffer), action),
    [Symbol.dispose]: () => standard || file.close(),
  };
}

/** Opens standard output, a pipe or a device, of which nothing is made anew or cut. */
export async function openOutput(path: string): Promise<PipeOutput> {
  const action = `Cannot write "${path}"`;
  const standard = isStandardOutput(path);
  const file = standard ? Deno.stdout : await naming(Deno.open(path, { write: true }), action);
  return {
    async write(bytes) {
      try {
        for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
      } catch (cause) {
        if (isReaderGone(cause)) throw new ReaderGoneError();
        throw standard ? new OutputError(cause) : fileError(cause, action);
      }
    },
    [Symbol.dispose]: () => standard || file.close(),
  };
}

async function naming<Result>(doing: Promise<Result>, action: string): Promise<Result> {
  try {
    return await doing;
  } catch (cause) {
    throw fileError(cause, action);
  }
}
