import { type Allocate, newMemory } from "./allocate.ts";
import { decodeBody, encodeBody } from "./body.ts";
import { decodeFrameHeader, encodeFrameHeader } from "./frame.ts";
import { HEADER_LENGTH } from "./limits.ts";

/** A message that was received, without the raw bytes that may follow it. */
export interface Message {
  /** One of {@linkcode MessageType}, or a type of one's own. */
  type: number;
  /** Bits of {@linkcode Flags}. */
  flags: number;
  /** A map. Its fields are still unchecked. */
  body: unknown;
}

/** A message to encode. */
export interface OutgoingMessage {
  /** Message type, 0 to 65535. */
  type: number;
  /** Bits of {@linkcode Flags}; none by default. */
  flags?: number;
  /** A plain object; see {@linkcode encodeBody} for what it may hold. */
  body: unknown;
}

/** The type that a message's header tells, whatever is wrong with it otherwise; 0 if it is not all here. */
export function messageTypeOf(bytes: Uint8Array): number {
  return bytes.length < HEADER_LENGTH ? 0 : bytes[2]! << 8 | bytes[3]!;
}

/**
 * Takes a message apart that nothing follows.
 *
 * @param bytes All that has come, or will.
 * @param maxBodyLength How long its body may be, in bytes.
 * @param allocate Where the memory for byte arrays in the body comes from.
 * @returns `undefined` if it is anything else: what, is told by who reads it piece by piece.
 * @throws {ProtocolError} `bad-version`, `bad-frame`, `bad-body`.
 */
export function decodeMessage(
  bytes: Uint8Array,
  maxBodyLength: number,
  allocate: Allocate = newMemory,
): Message | undefined {
  if (bytes.length < HEADER_LENGTH) return undefined;
  const { type, flags, bodyLength } = decodeFrameHeader(bytes);
  if (bodyLength > maxBodyLength || bytes.length !== HEADER_LENGTH + bodyLength) return undefined;
  return { type, flags, body: decodeBody(bytes.subarray(HEADER_LENGTH), allocate) };
}

/**
 * Encodes a message: header and body, to which raw bytes may be added where `flags` say so.
 *
 * @param allocate Where the memory comes from.
 * @throws {ProtocolError} `body-too-large`, or `bad-frame` for flags that do not go together.
 * @throws {TypeError} The body holds something that cannot be sent.
 */
export function encodeMessage(
  message: OutgoingMessage,
  allocate: Allocate = newMemory,
): Uint8Array {
  const { type, flags = 0 } = message;
  const body = encodeBody(message.body);
  const bytes = allocate(HEADER_LENGTH + body.length);
  encodeFrameHeader({ type, flags, bodyLength: body.length }, bytes);
  bytes.set(body, HEADER_LENGTH);
  return bytes;
}
