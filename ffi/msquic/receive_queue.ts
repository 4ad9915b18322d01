/**
 * The bytes of a stream on their way from MsQuic to the reader.
 *
 * Small pieces are copied, so that MsQuic can go on at once. Larger ones stay where they are: the
 * reader looks at MsQuic's memory ("lent"), and MsQuic holds further data back until it is done.
 * Either way the reader gets one piece at a time, valid until it asks for the next.
 */
export class ReceiveQueue {
  readonly #owned: Uint8Array[] = [];
  #ownedBytes = 0;
  #lent: Uint8Array[] = [];
  #lentBytes = 0;
  #borrowed = false;
  #end: "open" | "fin" | Error = "open";
  #waiting: PromiseWithResolvers<Uint8Array | null> | undefined;
  readonly #onReturn: (bytes: number) => void;

  /** `onReturn` is told how many lent bytes the reader has finished with. */
  constructor(onReturn: (bytes: number) => void) {
    this.#onReturn = onReturn;
  }

  /** Copied bytes that nobody has read yet. */
  get ownedBytes(): number {
    return this.#ownedBytes;
  }

  /** Whether the reader has a piece of MsQuic's memory in its hands. */
  get borrowed(): boolean {
    return this.#borrowed;
  }

  /** Whether nothing more comes. */
  get ended(): boolean {
    return this.#end !== "open";
  }

  /** Whether the peer has sent its last byte and the reader has given back all that was lent. */
  get drained(): boolean {
    return this.#end === "fin" && this.#lentBytes === 0;
  }

  /** Adds bytes that are the queue's own. */
  pushOwned(bytes: Uint8Array): void {
    const waiting = this.#takeWaiting();
    if (waiting !== undefined) return waiting.resolve(bytes);
    this.#owned.push(bytes);
    this.#ownedBytes += bytes.length;
  }

  /** Adds pieces of MsQuic's memory; all earlier ones have been returned by then. */
  pushLent(pieces: Uint8Array[]): void {
    this.#lent = pieces;
    this.#lentBytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const waiting = this.#takeWaiting();
    if (waiting !== undefined) waiting.resolve(this.#borrow());
  }

  /** Says that nothing more comes: the peer's FIN, or an error. What is there can still be read. */
  end(reason: "fin" | Error): void {
    if (this.#end !== "open") return;
    this.#end = reason;
    const waiting = this.#takeWaiting();
    if (reason === "fin") waiting?.resolve(null);
    else waiting?.reject(reason);
  }

  /** Whether the peer has sent its last byte and the reader has had it. */
  get exhausted(): boolean {
    return this.#end === "fin" && this.#owned.length === 0 && this.#lent.length === 0;
  }

  /** Copies what is lent and not yet read: MsQuic's memory is about to go. */
  detach(): void {
    const pieces = this.#lent;
    this.#lent = [];
    this.#lentBytes = 0;
    for (const piece of pieces) this.pushOwned(piece.slice());
  }

  /** The next piece, or `null` after the last. */
  read(signal?: AbortSignal): Promise<Uint8Array | null> {
    this.release();
    const owned = this.#owned.shift();
    if (owned !== undefined) {
      this.#ownedBytes -= owned.length;
      return Promise.resolve(owned);
    }
    if (this.#lent.length > 0) return Promise.resolve(this.#borrow());
    if (this.#end === "fin") return Promise.resolve(null);
    if (this.#end !== "open") return Promise.reject(this.#end);
    if (this.#waiting !== undefined) {
      return Promise.reject(new TypeError("Cannot read: another read is waiting on this stream"));
    }
    return this.#wait(signal);
  }

  /** Gives back the piece that the last read lent. */
  release(): void {
    if (!this.#borrowed) return;
    this.#borrowed = false;
    if (this.#lent.length > 0) return;
    const bytes = this.#lentBytes;
    this.#lentBytes = 0;
    this.#onReturn(bytes);
  }

  #borrow(): Uint8Array {
    this.#borrowed = true;
    return this.#lent.shift()!;
  }

  #takeWaiting(): PromiseWithResolvers<Uint8Array | null> | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }

  #wait(signal: AbortSignal | undefined): Promise<Uint8Array | null> {
    const waiting = Promise.withResolvers<Uint8Array | null>();
    this.#waiting = waiting;
    if (signal === undefined) return waiting.promise;
    const abort = () => {
      if (this.#waiting === waiting) this.#waiting = undefined;
      waiting.reject(signal.reason);
    };
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    return waiting.promise.finally(() => signal.removeEventListener("abort", abort));
  }
}
