import { settlesWithin } from "../base/mod.ts";
import { ByteRate } from "../base/byte_rate.ts";

/** For how long what may be on its way to this side would go on, in milliseconds: no path has longer round trips. */
const WINDOW_MS = 500;

const LEAST_WINDOW = 64 * 1024;

/** Has all that a client sends and receives go no faster than it wants, both directions together. */
export class Pacer {
  readonly #rate: ByteRate;
  #waiting = 0;
  #since = 0;
  #waitedMs = 0;
  /** How many bytes there may be in a second. */
  readonly bytesPerSecond: number;

  /** @param bytesPerSecond At least 1. */
  constructor(bytesPerSecond: number) {
    this.bytesPerSecond = bytesPerSecond;
    this.#rate = new ByteRate(bytesPerSecond);
  }

  /** How many bytes are to go at once, at most. */
  get pieceBytes(): number {
    return this.#rate.pieceBytes;
  }

  /** For how long so far something has had to wait, in milliseconds. */
  get waitedMs(): number {
    return this.#waitedMs + (this.#waiting > 0 ? performance.now() - this.#since : 0);
  }

  /** Waits until so many bytes may go, or `over` settles. */
  async pay(bytes: number, over: Promise<unknown>): Promise<void> {
    const waitMs = this.#rate.take(bytes);
    if (waitMs <= 0) return;
    if (this.#waiting++ === 0) this.#since = performance.now();
    try {
      await settlesWithin(over, waitMs);
    } finally {
      if (--this.#waiting === 0) this.#waitedMs += performance.now() - this.#since;
    }
  }
}

/**
 * What a server may send on a stream before it is read, in bytes, where it is read no faster than that: a power
 * of two, as MsQuic wants it. With larger windows it would send as much at once, as fast as it can.
 *
 * @param most No window is larger.
 */
export function pacedWindow(bytesPerSecond: number, most: number): number {
  const wanted = bytesPerSecond * WINDOW_MS / 1000;
  return Math.min(Math.max(LEAST_WINDOW, 2 ** Math.ceil(Math.log2(wanted))), most);
}
