import { Chunks } from "./chunks.ts";
import { ChunkLevels, LEVEL_LENGTH } from "./chunk_levels.ts";
import { PositionedFile } from "./positioned_file.ts";

/**
 * What is there of a file whose chunks come in any order is written down behind its last byte, four bytes
 * for each chunk, so that it is always about this file, goes with it, and needs no lock: each chunk has one
 * writer, and what tells of it is written behind its bytes. A file that is no longer than it is to be has no
 * such journal, and is there as far as it goes.
 */
export class ChunkJournal {
  readonly chunks: Chunks;
  readonly #file: PositionedFile;

  constructor(file: PositionedFile, chunks: Chunks) {
    this.#file = file;
    this.chunks = chunks;
  }

  /** How long a file with a journal is, in bytes. */
  static lengthWith({ size, count }: Chunks): number {
    return size + count * LEVEL_LENGTH;
  }

  /** What is there. */
  async read(): Promise<ChunkLevels> {
    const { chunks } = this;
    const { size: length } = await this.#file.stat();
    if (length <= chunks.size) return ChunkLevels.ofPrefix(chunks, length);
    const bytes = new Uint8Array(chunks.count * LEVEL_LENGTH);
    const count = await this.#file.readAt(bytes, chunks.size);
    return ChunkLevels.decode(chunks, bytes.subarray(0, count));
  }

  /** Makes the file as long as it is to be, with a journal of what is there. */
  async begin(levels: ChunkLevels): Promise<void> {
    // Behind what was there, as far as that was not whole, zeros follow, also where the journal will be.
    await this.#file.truncate(ChunkJournal.lengthWith(this.chunks));
    await this.#file.writeAt(levels.encode(), this.chunks.size);
  }

  /** Notes how much of a chunk there is, in bytes from its start. */
  note(chunk: number, level: number): Promise<void> {
    const bytes = new Uint8Array(LEVEL_LENGTH);
    new DataView(bytes.buffer).setUint32(0, level);
    return this.#file.writeAt(bytes, this.chunks.size + chunk * LEVEL_LENGTH);
  }

  /** Takes the journal away: all is there. */
  end(): Promise<void> {
    return this.#file.truncate(this.chunks.size);
  }
}

/** How much there is of a file from its start on, in bytes, whether it has a journal or not. */
export async function prefixOf(file: Deno.FsFile, length: number, size: number): Promise<number> {
  if (length <= size) return length;
  const { prefix } = await new ChunkJournal(new PositionedFile(file), new Chunks(size)).read();
  return prefix;
}
