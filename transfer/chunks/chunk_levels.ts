import type { Chunks } from "./chunks.ts";

/** How many bytes the level of a chunk takes, written down. */
export const LEVEL_LENGTH = 4;

/** How much there is of each chunk of a file, in bytes from its start. */
export class ChunkLevels {
  readonly chunks: Chunks;
  readonly #levels: Uint32Array;

  private constructor(chunks: Chunks, levels: Uint32Array) {
    this.chunks = chunks;
    this.#levels = levels;
  }

  /** Of what has come in one piece, from the start of the file. */
  static ofPrefix(chunks: Chunks, bytes: number): ChunkLevels {
    const levels = Uint32Array.from(
      { length: chunks.count },
      (_, chunk) => Math.max(0, Math.min(bytes - chunks.startOf(chunk), chunks.lengthOf(chunk))),
    );
    return new ChunkLevels(chunks, levels);
  }

  /** Of what {@linkcode encode} has written; what makes no sense counts as nothing. */
  static decode(chunks: Chunks, bytes: Uint8Array): ChunkLevels {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const levels = Uint32Array.from({ length: chunks.count }, (_, chunk) => {
      const at = chunk * LEVEL_LENGTH;
      const level = at + LEVEL_LENGTH <= bytes.length ? view.getUint32(at) : 0;
      return level <= chunks.lengthOf(chunk) ? level : 0;
    });
    return new ChunkLevels(chunks, levels);
  }

  encode(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.chunks.count * LEVEL_LENGTH);
    const view = new DataView(bytes.buffer);
    this.#levels.forEach((level, chunk) => view.setUint32(chunk * LEVEL_LENGTH, level));
    return bytes;
  }

  of(chunk: number): number {
    return this.#levels[chunk] ?? 0;
  }

  isWhole(chunk: number): boolean {
    return this.of(chunk) === this.chunks.lengthOf(chunk);
  }

  /** How many bytes there are in all. */
  get bytes(): number {
    return this.#levels.reduce((sum, level) => sum + level, 0);
  }

  /** How many bytes there are from the start of the file on, without a gap. */
  get prefix(): number {
    for (let chunk = 0; chunk < this.chunks.count; chunk++) {
      if (!this.isWhole(chunk)) return this.chunks.startOf(chunk) + this.of(chunk);
    }
    return this.chunks.size;
  }
}
