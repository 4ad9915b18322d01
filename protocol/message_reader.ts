import { concat } from "../base/mod.ts";
import { type Allocate, newMemory } from "./allocate.ts";
import { decodeBody } from "./body.ts";
import type { ByteSource, ReadOptions } from "./byte_source.ts";
import { ProtocolError } from "./errors.ts";
import { decodeFrameHeader } from "./frame.ts";
import { HEADER_LENGTH } from "./limits.ts";
import type { Message } from "./message.ts";
import type { WireErrorCode } from "./wire_errors.ts";

/** How much memory is taken at first for what comes in several chunks, in bytes. */
const FIRST_LENGTH = 4096;

const NOTHING = new Uint8Array(0);

/**
 * Takes messages and raw bytes from a {@linkcode ByteSource}, however its bytes are cut into chunks.
 *
 * One call at a time. Raw bytes are handed on without copying.
 */
export class MessageReader {
  readonly #source: ByteSource;
  readonly #allocate: Allocate;
  /** The source's current chunk; borrowed, so used up or copied before the next one is read. */
  #chunk: Uint8Array = NOTHING;
  /** Where the unread part of the chunk begins. */
  #offset = 0;
  #ended = false;
  /** How much memory was taken for what came in several chunks, and not let go. */
  #assembled = 0;

  /** @param allocate Where the memory for byte arrays in bodies comes from. */
  constructor(source: ByteSource, allocate: Allocate = newMemory) {
    this.#source = source;
    this.#allocate = allocate;
  }

  /**
   * The next message. What follows it, raw bytes or another message, is still to be read.
   *
   * @param options `maxBodyLength`: of whom no more than that is wanted, and held in memory.
   * @throws {ProtocolError} `bad-frame` (also when the source ends first), `bad-version`,
   * `body-too-large`, `bad-body`.
   */
  async readMessage(
    options: ReadOptions & { maxBodyLength?: number } = {},
  ): Promise<Message> {
    if (this.#available === 0) await this.#refill(options);
    const head = this.#takeWhole(HEADER_LENGTH) ??
      await this.#assemble(HEADER_LENGTH, "bad-frame", options);
    const { type, flags, bodyLength } = decodeFrameHeader(head);
    const { maxBodyLength = Infinity } = options;
    if (bodyLength > maxBodyLength) {
      const message =
        `Body of ${bodyLength} bytes is too long here; at most ${maxBodyLength} are allowed`;
      throw new ProtocolError("body-too-large", message);
    }
    const body = this.#takeWhole(bodyLength) ??
      await this.#assemble(bodyLength, "bad-frame", options);
    return { type, flags, body: decodeBody(body, this.#allocate) };
  }

  /** The next message, or `undefined` where the source has ended before it; throws as {@linkcode readMessage}. */
  async readNext(options: ReadOptions = {}): Promise<Message | undefined> {
    if (this.#available === 0 && !await this.#refill(options)) return undefined;
    return await this.readMessage(options);
  }

  /**
   * The next message, if all of it is here already; throws as {@linkcode readMessage}.
   *
   * @returns `undefined` if it is not.
   */
  takeMessage(): Message | undefined {
    if (this.#available < HEADER_LENGTH) return undefined;
    const { type, flags, bodyLength } = decodeFrameHeader(this.#chunk, this.#offset);
    if (this.#available < HEADER_LENGTH + bodyLength) return undefined;
    this.#offset += HEADER_LENGTH;
    return { type, flags, body: decodeBody(this.#take(bodyLength), this.#allocate) };
  }

  /**
   * Exactly the next `length` raw bytes, borrowed like those of {@linkcode chunks}, if they are in one chunk
   * and here already.
   *
   * @returns `undefined` if they are not.
   */
  takeExactly(length: number): Uint8Array | undefined {
    return this.#takeWhole(length);
  }

  /**
   * Exactly the next `length` raw bytes, in memory of their own.
   *
   * @throws {ProtocolError} `size-mismatch` if there are fewer.
   */
  async readExactly(length: number, options: ReadOptions = {}): Promise<Uint8Array> {
    const bytes = this.#takeWhole(length);
    return bytes?.slice() ?? await this.#assemble(length, "size-mismatch", options);
  }

  /**
   * The same, or `undefined` where the source has ended before the first of them.
   *
   * @throws {ProtocolError} `size-mismatch` if there are fewer, but some.
   */
  async readUnlessEnded(
    length: number,
    options: ReadOptions = {},
  ): Promise<Uint8Array | undefined> {
    if (this.#available === 0 && !await this.#refill(options)) return undefined;
    return await this.readExactly(length, options);
  }

  /**
   * Some of the next raw bytes, up to `limit` of them, borrowed like those of {@linkcode chunks}; `null` at the
   * end of the source.
   */
  async readSome(limit: number, options: ReadOptions = {}): Promise<Uint8Array | null> {
    if (this.#available === 0 && !await this.#refill(options)) return null;
    return this.#take(limit);
  }

  /** Nobody needs any more what was read so far, as far as it is in memory of its own. */
  letGo(): void {
    if (this.#assembled > 0) this.#holdAssembled(-this.#assembled);
  }

  /** Counts memory of its own that somebody keeps bytes of the source in, until all are done with. */
  hold(bytes: number): void {
    this.#source.hold?.(bytes);
  }

  /**
   * Exactly the next `length` raw bytes, in the source's own chunks. Each chunk is borrowed: it is valid
   * until the next one is asked for.
   *
   * @throws {ProtocolError} `size-mismatch` if there are fewer.
   */
  async *chunks(length: number, options: ReadOptions = {}): AsyncGenerator<Uint8Array, void, void> {
    let missing = length;
    while (missing > 0) {
      if (this.#available === 0 && !await this.#refill(options)) {
        throw endedEarly("size-mismatch", length - missing, length);
      }
      const chunk = this.#take(missing);
      missing -= chunk.length;
      yield chunk;
    }
  }

  /** All raw bytes up to the end of the source, borrowed like those of {@linkcode chunks}. */
  async *rest(options: ReadOptions = {}): AsyncGenerator<Uint8Array, void, void> {
    while (this.#available > 0 || await this.#refill(options)) yield this.#take(Infinity);
  }

  /**
   * Reads on until the source has ended, or more than `limit` raw bytes are here, or the signal is aborted.
   * All that has come is still to be read, then in one chunk.
   */
  async gatherRest(limit: number, signal: AbortSignal): Promise<void> {
    const pieces: Uint8Array[] = [];
    let gathered = 0;
    try {
      do {
        if (this.#available === 0) continue;
        const piece = this.#take(Infinity).slice();
        this.#source.hold?.(piece.length);
        pieces.push(piece);
        gathered += piece.length;
      } while (gathered <= limit && await this.#refill({ signal }));
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    this.#chunk = concat(pieces);
    this.#offset = 0;
  }

  /**
   * All raw bytes that are left, if they are here already, in one chunk, and it is known that they are the
   * last; `undefined` otherwise. They are borrowed like those of {@linkcode chunks}, and still to be read.
   */
  peekRest(): Uint8Array | undefined {
    if (!this.#ended && this.#source.exhausted !== true) return undefined;
    return this.#chunk.subarray(this.#offset);
  }

  /** Takes what {@linkcode peekRest} has shown as read. */
  skipRest(): void {
    this.#offset = this.#chunk.length;
  }

  /** Whether it is known already that the source ends here. */
  get atEnd(): boolean {
    return this.#available === 0 && (this.#ended || this.#source.exhausted === true);
  }

  /**
   * Waits for the end of the source.
   *
   * @param code What to call it when there is more.
   * @throws {ProtocolError} More bytes follow.
   */
  async expectEnd(code: WireErrorCode = "bad-frame", options: ReadOptions = {}): Promise<void> {
    if (this.#available === 0 && !await this.#refill(options)) return;
    throw new ProtocolError(code, "Stream goes on where it should end");
  }

  get #available(): number {
    return this.#chunk.length - this.#offset;
  }

  /** Up to `limit` bytes of the current chunk. */
  #take(limit: number): Uint8Array {
    const start = this.#offset;
    this.#offset = Math.min(start + limit, this.#chunk.length);
    return this.#chunk.subarray(start, this.#offset);
  }

  /** The next bytes as a view of the current chunk, if they are all there: nearly always. */
  #takeWhole(length: number): Uint8Array | undefined {
    return this.#available >= length ? this.#take(length) : undefined;
  }

  /**
   * The next bytes, copied together from several chunks. Takes memory for what has come, twice as much at
   * most, and not for what was announced: that costs who announces it nothing.
   */
  async #assemble(length: number, code: WireErrorCode, options: ReadOptions): Promise<Uint8Array> {
    let bytes = new Uint8Array(Math.min(length, FIRST_LENGTH));
    this.#holdAssembled(bytes.length);
    let filled = 0;
    while (filled < length) {
      if (this.#available === 0 && !await this.#refill(options)) {
        throw endedEarly(code, filled, length);
      }
      const piece = this.#take(length - filled);
      if (filled + piece.length > bytes.length) {
        const room = Math.min(length, Math.max(2 * bytes.length, filled + piece.length));
        this.#holdAssembled(room - bytes.length);
        const larger = new Uint8Array(room);
        larger.set(bytes.subarray(0, filled));
        bytes = larger;
      }
      bytes.set(piece, filled);
      filled += piece.length;
    }
    return bytes;
  }

  #holdAssembled(bytes: number): void {
    this.#assembled += bytes;
    this.#source.hold?.(bytes);
  }

  /** Replaces the used-up chunk by the next; false at the end. */
  async #refill(options: ReadOptions): Promise<boolean> {
    this.#chunk = NOTHING;
    this.#offset = 0;
    while (!this.#ended) {
      options.signal?.throwIfAborted();
      const chunk = await this.#source.read(options);
      if (chunk === null) this.#ended = true;
      else if (chunk.length > 0) {
        this.#chunk = chunk;
        return true;
      }
    }
    return false;
  }
}

function endedEarly(code: WireErrorCode, got: number, wanted: number): ProtocolError {
  return new ProtocolError(code, `Stream ended after ${got} of ${wanted} bytes`);
}
