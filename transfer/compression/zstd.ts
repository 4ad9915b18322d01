import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";

/**
 * The most that a frame may have its reader remember, as a power of two: what each reader has to support
 * (RFC 8878 section 3.1.1.1.2).
 */
const MAX_WINDOW_LOG = 23;

/** What a frame takes at most besides the bytes that are in it, where these do not become fewer. */
const FRAME_LENGTH = 1024;

/**
 * Compresses bytes into one frame of Zstandard.
 *
 * @param level 1 is fast, 3 makes less of it.
 */
export function compress(bytes: Uint8Array, level: number): Uint8Array<ArrayBuffer> {
  return ownBytes(zstdCompressSync(bytes, {
    chunkSize: bytes.length + FRAME_LENGTH,
    params: { [constants.ZSTD_c_compressionLevel]: level },
  }));
}

/**
 * What was compressed.
 *
 * @param length How much it has to be; no more memory is taken for it.
 * @throws {RangeError} It is something else, or nothing that was compressed.
 */
export function decompress(frame: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  let bytes: Uint8Array;
  try {
    bytes = zstdDecompressSync(frame, {
      chunkSize: Math.max(length, 64), // the least that is allowed
      maxOutputLength: length,
      params: { [constants.ZSTD_d_windowLogMax]: MAX_WINDOW_LOG },
    });
  } catch (cause) {
    throw new RangeError(`Block is not ${length} bytes that were compressed`, { cause });
  }
  if (bytes.length === length) return ownBytes(bytes);
  throw new RangeError(`Block has ${bytes.length} bytes in it instead of ${length}`);
}

/** Bytes that are alone in their memory, so that it can be handed over. */
function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  const alone = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.length;
  return alone ? new Uint8Array(buffer) : new Uint8Array(bytes);
}
