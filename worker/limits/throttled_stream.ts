import { orAborted, settlesWithin } from "../../base/mod.ts";
import type { PeerStream } from "../transport.ts";
import type { ByteRate } from "../../base/byte_rate.ts";

/** For how long to wait, in milliseconds, until it is looked whether the rates are still the same. */
const LOOK_MS = 250;

/** What the bytes of a client are paced by, at the moment: another array whenever that changes. */
export interface Pacing {
  readonly byteRates: readonly ByteRate[];
}

const NOTHING = new Uint8Array(0);

/**
 * A stream whose bytes come and go no faster than they may. What waits to be read is held back by the windows
 * of QUIC, so that the client sends no more; what waits to be sent stays with whoever sends it.
 */
export class ThrottledStream implements PeerStream {
  readonly #stream: PeerStream;
  readonly #pacing: Pacing;
  /** What has been read and not handed on; borrowed of the stream. */
  #rest: Uint8Array = NOTHING;
  /** Resolves when all sends so far have been handed over; `undefined` where none has to wait. */
  #waiting: Promise<void> | undefined;

  constructor(stream: PeerStream, pacing: Pacing) {
    this.#stream = stream;
    this.#pacing = pacing;
  }

  get closed(): Promise<void> {
    return this.#stream.closed;
  }

  get exhausted(): boolean {
    return this.#rest.length === 0 && this.#stream.exhausted;
  }

  get idealBytes(): number {
    return this.#stream.idealBytes ?? 0;
  }

  get roundTripMs(): number | undefined {
    return this.#stream.roundTripMs;
  }

  read(options: { signal?: AbortSignal } = {}): Promise<Uint8Array | null> {
    const unpaced = this.#rest.length === 0 && this.#pacing.byteRates.length === 0;
    return unpaced ? this.#stream.read(options) : this.#readPiece(options);
  }

  async #readPiece(options: { signal?: AbortSignal }): Promise<Uint8Array | null> {
    if (this.#rest.length === 0) {
      const chunk = await this.#stream.read(options);
      if (chunk === null) return null;
      this.#rest = chunk;
    }
    const bytes = Math.min(this.#rest.length, this.#pieceBytes());
    // Where the signal aborts, it is for the next call.
    await orAborted(this.#pay(bytes), options.signal);
    const piece = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(bytes);
    return piece;
  }

  release(): void {
    this.#rest = NOTHING;
    this.#stream.release();
  }

  send(data: Uint8Array, { fin = false }: { fin?: boolean } = {}): Promise<void> {
    if (this.#pacing.byteRates.length === 0 && this.#waiting === undefined) {
      return this.#stream.send(data, { fin });
    }
    const sent = Promise.withResolvers<void>();
    sent.promise.catch(() => {}); // nobody has to look at it
    const waiting = this.#handOver(data, fin, this.#waiting, sent).catch(sent.reject).then(() => {
      if (this.#waiting === waiting) this.#waiting = undefined;
    });
    this.#waiting = waiting;
    return sent.promise;
  }

  finish(): Promise<void> {
    return this.#waiting?.then(() => this.#stream.finish()) ?? this.#stream.finish();
  }

  abort(errorCode?: number): void {
    this.#stream.abort(errorCode);
  }

  abortReceive(errorCode?: number): void {
    this.#stream.abortReceive(errorCode);
  }

  /** Sends data piece by piece, behind what was sent before. */
  async #handOver(
    data: Uint8Array,
    fin: boolean,
    before: Promise<void> | undefined,
    { resolve, reject }: PromiseWithResolvers<void>,
  ): Promise<void> {
    if (before !== undefined) await before;
    let at = 0;
    do {
      const piece = data.subarray(at, at + this.#pieceBytes());
      at += piece.length;
      await this.#pay(piece.length);
      const isLast = at >= data.length;
      // In one stream, what is sent last arrives last, or not at all.
      const sent = this.#stream.send(piece, { fin: fin && isLast });
      sent.then(isLast ? resolve : undefined, reject);
    } while (at < data.length);
  }

  /** Waits until so many bytes may go, or the stream is over. */
  async #pay(bytes: number): Promise<void> {
    const { byteRates } = this.#pacing;
    let waitMs = this.#take(bytes);
    // With other rates, what was to be paid for those before is over.
    while (waitMs > 0 && byteRates === this.#pacing.byteRates) {
      const lookMs = Math.min(waitMs, LOOK_MS);
      if (await settlesWithin(this.closed, lookMs)) return;
      waitMs -= lookMs;
    }
  }

  #pieceBytes(): number {
    let bytes = Infinity;
    for (const rate of this.#pacing.byteRates) bytes = Math.min(bytes, rate.pieceBytes);
    return bytes;
  }

  #take(bytes: number): number {
    let waitMs = 0;
    for (const rate of this.#pacing.byteRates) waitMs = Math.max(waitMs, rate.take(bytes));
    return waitMs;
  }
}
