import type { Held } from "./flight.ts";

/** So many bytes of a large send go to MsQuic at a time. */
export const PIECE = 64 * 1024;

/** For pieces after which more of their send follows: nobody waits for them. */
const NOBODY: PromiseWithResolvers<void> = Promise.withResolvers();
NOBODY.promise.catch(() => {});

/** What is sent, whether nothing follows, and who waits for it. */
export type Sending = [data: Uint8Array, fin: boolean, completion: PromiseWithResolvers<void>];

/** What {@linkcode HeldSends} needs of its stream. */
export interface HeldSendsOptions {
  /** Hands bytes to MsQuic. */
  send: (...sending: Sending) => void;
  /** Why nothing more can be sent, if so. */
  refusal: () => Error | undefined;
}

/** The sends of a stream for which its connection has no room yet, in their order. */
export class HeldSends implements Held {
  readonly #options: HeldSendsOptions;
  #sends: Sending[] = [];
  #heldMs = 0;
  #heldSince = 0;

  constructor(options: HeldSendsOptions) {
    this.#options = options;
  }

  /** Whether there are any: what is sent next goes behind them. */
  get waiting(): boolean {
    return this.#sends.length > 0;
  }

  /** For how long there have been any, in milliseconds. */
  get heldMs(): number {
    return this.#heldMs + (this.waiting ? performance.now() - this.#heldSince : 0);
  }

  add(...sending: Sending): void {
    if (!this.waiting) this.#heldSince = performance.now();
    this.#sends.push(sending);
  }

  handOver(most: number): number {
    const [send] = this.#sends;
    if (send === undefined) return 0;
    const refused = this.#options.refusal();
    if (refused !== undefined) {
      this.fail(refused);
      return 0;
    }
    const [data, fin, completion] = send;
    const length = Math.min(PIECE, most);
    const last = data.length <= length;
    if (last) this.#shift();
    else send[0] = data.subarray(length);
    const piece = last ? data : data.subarray(0, length);
    this.#options.send(piece, last && fin, last ? completion : NOBODY);
    return Math.max(1, piece.length);
  }

  #shift(): void {
    const { heldMs } = this;
    this.#sends.shift();
    if (!this.waiting) this.#heldMs = heldMs;
  }

  /** Gives all of them up. */
  fail(error: Error): void {
    this.#heldMs = this.heldMs;
    const sends = this.#sends;
    this.#sends = [];
    for (const [, , completion] of sends) completion.reject(error);
  }
}
