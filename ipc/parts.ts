import { concat } from "../base/mod.ts";
import { SegmentCorruptError } from "./errors.ts";

/** The longest message, in bytes, that is carried in parts. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** In front of each part: the number of the message, the number of the part, the message's length. */
export const PART_HEADER_BYTES = 12;

const Offset = { message: 0, part: 4, total: 8 } as const;

/** A message that is larger than the ring, taken apart as room for the parts comes. */
export class Parts {
  readonly #message: Uint8Array;
  readonly #number: number;
  readonly #partBytes: number;
  #next = 0;

  /**
   * @param number Tells it from the messages before it: 32 bits.
   * @param partBytes The longest part, its header included; more than that header.
   */
  constructor(message: Uint8Array, number: number, partBytes: number) {
    this.#message = message;
    this.#number = number;
    this.#partBytes = partBytes - PART_HEADER_BYTES;
  }

  /** Whether a part has been taken. */
  get begun(): boolean {
    return this.#next > 0;
  }

  /** Whether all parts have been taken. */
  get done(): boolean {
    return this.#next * this.#partBytes >= this.#message.length;
  }

  /** The next part, with its header. It is the next until {@linkcode Parts.advance}. */
  get current(): Uint8Array<ArrayBuffer> {
    const begin = this.#next * this.#partBytes;
    const bytes = this.#message.subarray(begin, begin + this.#partBytes);
    const part = new Uint8Array(PART_HEADER_BYTES + bytes.length);
    const header = new DataView(part.buffer);
    header.setUint32(Offset.message, this.#number, true);
    header.setUint32(Offset.part, this.#next, true);
    header.setUint32(Offset.total, this.#message.length, true);
    part.set(bytes, PART_HEADER_BYTES);
    return part;
  }

  advance(): void {
    this.#next++;
  }
}

/**
 * Puts the parts of messages together again: of one message at a time, which never takes more memory
 * than has arrived of it.
 */
export class Assembly {
  #number = 0;
  #total = 0;
  #received = 0;
  readonly #parts: Uint8Array[] = [];

  /**
   * Takes a part.
   *
   * @returns The message, with its last part; null before.
   * @throws {SegmentCorruptError} when it does not go on where the last one ended, is of another
   * message, or that is longer than {@linkcode MAX_MESSAGE_BYTES}.
   */
  add(part: Uint8Array): Uint8Array<ArrayBuffer> | null {
    if (part.length <= PART_HEADER_BYTES) throw broken("it is empty");
    const header = new DataView(part.buffer, part.byteOffset, PART_HEADER_BYTES);
    const number = header.getUint32(Offset.message, true);
    const index = header.getUint32(Offset.part, true);
    const total = header.getUint32(Offset.total, true);
    if (index !== this.#parts.length) {
      throw broken(`it is number ${index} where ${this.#parts.length} was expected`);
    }
    if (index === 0) this.#begin(number, total);
    if (number !== this.#number) throw broken("it is of another message than the one before");
    if (total !== this.#total) throw broken("it says another length than the one before");
    this.#received += part.length - PART_HEADER_BYTES;
    if (this.#received > total) throw broken(`there are more than the ${total} bytes it says`);
    this.#parts.push(part.subarray(PART_HEADER_BYTES));
    return this.#received === total ? this.#finish() : null;
  }

  /** Forgets what has arrived of a message whose sender is gone. */
  clear(): void {
    this.#parts.length = 0;
  }

  #begin(number: number, total: number): void {
    if (total > MAX_MESSAGE_BYTES) {
      throw broken(`its message of ${total} bytes is longer than ${MAX_MESSAGE_BYTES}`);
    }
    this.#number = number;
    this.#total = total;
    this.#received = 0;
  }

  #finish(): Uint8Array<ArrayBuffer> {
    const message = concat(this.#parts);
    this.#parts.length = 0;
    return message;
  }
}

function broken(reason: string): SegmentCorruptError {
  return new SegmentCorruptError(`Cannot put a message together from its parts: ${reason}`);
}
