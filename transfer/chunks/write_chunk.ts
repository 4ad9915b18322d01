import { fileError } from "../errors.ts";
import type { ChunkJournal } from "./chunk_journal.ts";
import type { PositionedFile } from "./positioned_file.ts";

/** After so many bytes it is noted how far a chunk has come: what is sent again at most. */
const NOTE_EVERY = 2 * 1024 * 1024;

/** Which bytes {@linkcode writeChunk} writes, and where. */
export interface ChunkWrite {
  readonly file: PositionedFile;
  readonly journal: ChunkJournal;
  readonly chunk: number;
  /** Where in the chunk they begin: all before is there. */
  readonly from: number;
  /** What fails if the file cannot be written to, for the error. */
  readonly action: string;
  /** Is told how many bytes have been written at a time. */
  readonly onWritten?: (bytes: number) => void;
}

/**
 * Writes the bytes of a chunk as they come, and notes how far it is: also if they end early.
 *
 * @param bytes Each piece is valid until the next one is asked for.
 * @throws {NoSpaceError} And what getting the bytes throws.
 */
export async function writeChunk(bytes: AsyncIterable<Uint8Array>, write: ChunkWrite) {
  const { file, journal, chunk, from, action, onWritten } = write;
  const start = journal.chunks.startOf(chunk);
  let level = from;
  let noted = from;
  try {
    for await (const piece of bytes) {
      await naming(action, file.writeAt(piece, start + level));
      level += piece.length;
      onWritten?.(piece.length);
      if (level - noted < NOTE_EVERY) continue;
      await naming(action, journal.note(chunk, level));
      noted = level;
    }
  } finally {
    if (level > noted) await naming(action, journal.note(chunk, level));
  }
}

async function naming<Result>(action: string, writing: Promise<Result>): Promise<Result> {
  try {
    return await writing;
  } catch (cause) {
    throw fileError(cause, action);
  }
}
