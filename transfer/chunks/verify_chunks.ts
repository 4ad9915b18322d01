import { ProtocolError } from "../../protocol/errors.ts";
import type { PrefixHasher } from "./prefix_hasher.ts";

/** How often a chunk may turn out to be wrong: more is no accident. */
const MAX_BAD = 3;

/** What {@linkcode verifyChunks} goes by. */
export interface ChunkWitness {
  /**
   * Waits until a chunk is there as a whole, and its sender has told of it; again, if it was wrong.
   *
   * @returns The SHA-256 that the sender has of all up to its end.
   */
  whenTold(chunk: number): Promise<Uint8Array>;
  /** Is told when all up to a chunk's end is right. */
  onRight?(chunk: number): void;
  signal?: AbortSignal;
}

/**
 * Compares what came of a file with what its sender has, chunk by chunk, as it comes.
 *
 * @returns Yields each chunk that is wrong, and asks for it again; returns the SHA-256 of the file, in
 * hexadecimal.
 * @throws {ProtocolError} `hash-mismatch`: a chunk is wrong again and again.
 */
export async function* verifyChunks(
  hasher: PrefixHasher,
  { whenTold, onRight, signal }: ChunkWitness,
): AsyncGenerator<number, string, void> {
  let sha256 = "";
  for (let bad = 0; hasher.next < hasher.chunks.count;) {
    const chunk = hasher.next;
    const told = (await whenTold(chunk)).toHex();
    sha256 = (await hasher.digest(signal)).toHex();
    if (told === sha256) {
      hasher.accept();
      onRight?.(chunk);
      bad = 0;
      continue;
    }
    if (++bad === MAX_BAD) {
      const { size } = hasher.chunks;
      throw new ProtocolError(
        "hash-mismatch",
        `Data of ${size} bytes does not match the SHA-256 that came with it, from byte ` +
          `${hasher.chunks.startOf(chunk)} on, again and again`,
      );
    }
    yield chunk;
  }
  return sha256;
}
