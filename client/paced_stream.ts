import { orAborted } from "../base/mod.ts";
import type { BlockedTimes } from "../ffi/mod.ts";
import type { ReadOptions } from "../protocol/mod.ts";
import type { RequestStream } from "./exchange.ts";
import type { Pacer } from "./pacer.ts";

const NOTHING = new Uint8Array(0);

/**
 * A stream whose bytes come and go no faster than the client wants. What waits to be read is held back by the
 * windows of QUIC, so that the server sends no more; what waits to be sent stays with whoever sends it.
 */
export class PacedStream implements Required<RequestStream> {
  readonly #stream: RequestStream;
  readonly #pacer: Pacer;
  readonly #over = Promise.withResolvers<void>();
  /** What has been read and not handed on; borrowed of the stream. */
  #rest: Uint8Array = NOTHING;
  /** Resolves when all that was sent so far has been handed over. */
  #handedOver: Promise<unknown> = Promise.resolve();
  /** Nothing of what is sent arrives any more. */
  #stopped = false;

  constructor(stream: RequestStream, pacer: Pacer) {
    this.#stream = stream;
    this.#pacer = pacer;
  }

  get exhausted(): boolean {
    return this.#rest.length === 0 && this.#stream.exhausted === true;
  }

  /** No more than may go soon: of what is read ahead, nothing would go earlier. */
  get idealBytes(): number {
    return Math.min(this.#stream.idealBytes ?? 0, this.#pacer.pieceBytes);
  }

  get roundTripMs(): number | undefined {
    return this.#stream.roundTripMs;
  }

  get blocked(): BlockedTimes | undefined {
    return this.#stream.blocked;
  }

  async read(options: ReadOptions = {}): Promise<Uint8Array | null> {
    if (this.#rest.length === 0) {
      const chunk = await this.#stream.read(options);
      if (chunk === null) return null;
      this.#rest = chunk;
    }
    const bytes = Math.min(this.#rest.length, this.#pacer.pieceBytes);
    // Where the signal aborts, it is for the next call.
    await orAborted(this.#pacer.pay(bytes, this.#over.promise), options.signal);
    const piece = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(bytes);
    return piece;
  }

  send(data: Uint8Array, { fin = false }: { fin?: boolean } = {}): Promise<void> {
    const sent = Promise.withResolvers<void>();
    sent.promise.catch(() => {}); // nobody has to look at it
    this.#handedOver = this.#handOver(data, fin, this.#handedOver, sent).catch(sent.reject);
    return sent.promise;
  }

  hold(bytes: number): void {
    this.#stream.hold?.(bytes);
  }

  abort(errorCode?: number): void {
    this.#over.resolve();
    this.#stream.abort(errorCode);
  }

  close(): Promise<void> {
    this.#over.resolve();
    this.#rest = NOTHING;
    return this.#stream.close();
  }

  /** Sends data piece by piece, behind what was sent before. */
  async #handOver(
    data: Uint8Array,
    fin: boolean,
    before: Promise<unknown>,
    { resolve, reject }: PromiseWithResolvers<void>,
  ): Promise<void> {
    await before;
    let at = 0;
    do {
      const piece = data.subarray(at, at + this.#pacer.pieceBytes);
      at += piece.length;
      if (!this.#stopped) await this.#pacer.pay(piece.length, this.#over.promise);
      const isLast = at >= data.length;
      // In one stream, what is sent last arrives last, or not at all.
      const sent = this.#stream.send(piece, { fin: fin && isLast });
      sent.then(isLast ? resolve : undefined, (error) => {
        this.#stopped = true;
        reject(error);
      });
    } while (at < data.length);
  }
}
