import { ProtocolError } from "./errors.ts";

/** The ways in which the bytes of files can be compressed on a stream. */
export const COMPRESSIONS = ["zstd"] as const;

/** `zstd`: frames of Zstandard (RFC 8878), each a block by itself. */
export type Compression = typeof COMPRESSIONS[number];

/** How a client may want what it is sent: `auto`, compressed where that pays; `zstd`, whatever becomes smaller. */
export const WANTED_COMPRESSIONS = ["auto", "zstd"] as const;

export type WantedCompression = typeof WANTED_COMPRESSIONS[number];

/** Most bytes of a file, or of several, that one block has in it if it is compressed. */
export const MAX_BLOCK_LENGTH = 1024 * 1024;

/** Length of what comes before each block, in bytes. */
export const BLOCK_HEADER_LENGTH = 8;

/** What is said of a block before it. */
export interface BlockHeader {
  /** How many bytes it has in it, at least 1. */
  length: number;
  /** How many bytes follow on the stream: as many, if they are as they were, or fewer, which are compressed. */
  sent: number;
}

export function encodeBlockHeader({ length, sent }: BlockHeader): Uint8Array {
  const header = new Uint8Array(BLOCK_HEADER_LENGTH);
  const view = new DataView(header.buffer);
  view.setUint32(0, length);
  view.setUint32(4, sent);
  return header;
}

/** @throws {ProtocolError} `bad-block`: a block cannot be like that. */
export function decodeBlockHeader(bytes: Uint8Array): BlockHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, BLOCK_HEADER_LENGTH);
  const header = { length: view.getUint32(0), sent: view.getUint32(4) };
  const { length, sent } = header;
  const isBare = length >= 1 && sent === length;
  if (isBare || (length <= MAX_BLOCK_LENGTH && sent >= 1 && sent < length)) return header;
  throw new ProtocolError(
    "bad-block",
    `Block of ${length} bytes in ${sent} cannot be: it comes as it is, or has up to ${MAX_BLOCK_LENGTH} in fewer`,
  );
}
