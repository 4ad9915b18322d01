import { type Allocate, newMemory } from "./allocate.ts";
import { decodeMessage, encodeMessage, type Message, type OutgoingMessage } from "./message.ts";

/** In front of a datagram's message is a number of four bytes, which the answer has as well. */
const NUMBER_LENGTH = 4;

/** The largest number; the next one after it is 0. */
export const MAX_DATAGRAM_NUMBER = 0xffff_ffff;

/** A message in a datagram (RFC 9221). */
export interface Datagram {
  /** Which of a client's requests it is, or answers: 0 to {@linkcode MAX_DATAGRAM_NUMBER}. */
  readonly number: number;
  readonly message: Message;
}

/**
 * Encodes a message for a datagram.
 *
 * @throws As {@linkcode encodeMessage}.
 */
export function encodeDatagram(number: number, message: OutgoingMessage): Uint8Array {
  const encoded = encodeMessage(message);
  const bytes = new Uint8Array(NUMBER_LENGTH + encoded.length);
  new DataView(bytes.buffer).setUint32(0, number);
  bytes.set(encoded, NUMBER_LENGTH);
  return bytes;
}

/**
 * Takes a datagram apart.
 *
 * @param maxBodyLength How long the message's body may be, in bytes.
 * @param allocate Where the memory for byte arrays in the body comes from.
 * @returns `undefined` if it is nothing that can be understood: such a datagram counts as lost.
 */
export function decodeDatagram(
  bytes: Uint8Array,
  maxBodyLength: number,
  allocate: Allocate = newMemory,
): Datagram | undefined {
  if (bytes.length < NUMBER_LENGTH) return undefined;
  const number = new DataView(bytes.buffer, bytes.byteOffset, NUMBER_LENGTH).getUint32(0);
  try {
    const message = decodeMessage(bytes.subarray(NUMBER_LENGTH), maxBodyLength, allocate);
    return message && { number, message };
  } catch {
    return undefined;
  }
}
