import { orAborted } from "../../base/mod.ts";
import { ApplicationError, MAX_EARLY_BYTES, MAX_EARLY_STREAMS } from "../../protocol/mod.ts";
import type { PeerStream } from "../transport.ts";

/**
 * The streams that a client opens behind its hello, without waiting for the answer. Nothing is done with
 * what comes on them until the client has shown the token: it is kept as it came, up to a limit, and
 * otherwise thrown away. What is too much is reset, for the client to send it again once it is let in.
 */
export class EarlyStreams {
  readonly #streams: EarlyStream[] = [];
  #bytesLeft = MAX_EARLY_BYTES;
  #count = 0;

  /** Keeps a stream, or resets it. */
  hold(stream: PeerStream): void {
    if (this.#count++ >= MAX_EARLY_STREAMS) return stream.abort(ApplicationError.unauthenticated);
    const early = new EarlyStream(stream, (bytes) => (this.#bytesLeft -= bytes) >= 0);
    this.#streams.push(early);
  }

  /** The client has shown the token: the streams, from their first byte on. */
  release(): PeerStream[] {
    const streams = this.#streams.splice(0);
    for (const stream of streams) stream.stopHolding();
    return streams;
  }

  /** The client has not: the streams are reset. */
  refuse(): void {
    for (const stream of this.#streams.splice(0)) stream.drop();
  }
}

/** A stream of which the beginning has been read, and is read again from memory. */
class EarlyStream implements PeerStream {
  readonly #stream: PeerStream;
  readonly #chunks: Uint8Array[] = [];
  /** What is being read, for whoever reads next. */
  #reading: Promise<Uint8Array | null> | undefined;
  #holding = true;
  /** Whether the last byte has come. */
  #ended = false;

  /** @param mayKeep Whether there is room for so many bytes more. */
  constructor(stream: PeerStream, mayKeep: (bytes: number) => boolean) {
    this.#stream = stream;
    void this.#hold(mayKeep);
  }

  get closed(): Promise<void> {
    return this.#stream.closed;
  }

  get exhausted(): boolean {
    if (this.#chunks.length > 0) return false;
    return this.#ended || (this.#reading === undefined && this.#stream.exhausted);
  }

  async read(options: { signal?: AbortSignal } = {}): Promise<Uint8Array | null> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) return chunk;
    const reading = this.#reading;
    if (reading === undefined) return await this.#stream.read(options);
    // It goes on where the signal aborts: what comes is for the next call.
    const read = await orAborted(reading, options.signal);
    this.#reading = undefined;
    return read;
  }

  release(): void {
    this.#stream.release();
  }

  send(data: Uint8Array, options?: { fin?: boolean }): Promise<void> {
    return this.#stream.send(data, options);
  }

  finish(): Promise<void> {
    return this.#stream.finish();
  }

  abort(errorCode?: number): void {
    this.#stream.abort(errorCode);
  }

  abortReceive(errorCode?: number): void {
    this.#stream.abortReceive(errorCode);
  }

  /** What comes from now on is for the reader. */
  stopHolding(): void {
    this.#holding = false;
  }

  /** Throws away what has come, and resets the stream. */
  drop(): void {
    this.#holding = false;
    this.#chunks.length = 0;
    this.#stream.abort(ApplicationError.unauthenticated);
    this.#stream.release();
  }

  async #hold(mayKeep: (bytes: number) => boolean): Promise<void> {
    try {
      while (!this.#ended) {
        const reading = this.#reading = this.#stream.read();
        const chunk = await reading;
        if (!this.#holding) return;
        this.#reading = undefined;
        if (chunk === null) this.#ended = true;
        else if (mayKeep(chunk.length)) this.#chunks.push(chunk.slice());
        else return this.drop();
      }
    } catch {
      // Whoever reads next gets the same error.
    }
  }
}
