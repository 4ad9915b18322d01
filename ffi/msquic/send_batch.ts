import { copyInto } from "../../base/mod.ts";
import type { ByteSlab } from "../memory/byte_slab.ts";

/** Up to this size, gathering bytes is cheaper than a send for them alone. */
export const SMALL_SEND = 1024;

/** From this size on, in bytes, a batch goes to MsQuic without waiting for more. */
const FULL_BATCH = 64 * 1024;

/**
 * Small sends of a stream that go to MsQuic together, before it is polled next: one call, one event
 * and one promise for all of them.
 */
export class SendBatch {
  readonly completion = Promise.withResolvers<void>();
  readonly #pieces: Uint8Array[] = [];
  #bytes = 0;

  /** Whether it is not to wait for more. */
  get full(): boolean {
    return this.#bytes >= FULL_BATCH;
  }

  add(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
  }

  /**
   * All of it in one piece; what is not so already is copied.
   *
   * @throws {TypeError | RangeError} The memory of a piece was transferred to somebody else, or resized.
   */
  join(slab: ByteSlab): Uint8Array {
    const [first] = this.#pieces;
    const whole = first !== undefined && this.#pieces.length === 1 ? first : this.#copy(slab);
    if (whole.length !== this.#bytes) throw new TypeError("Cannot send bytes whose memory changed");
    return whole;
  }

  #copy(slab: ByteSlab): Uint8Array {
    const whole = slab.take(this.#bytes);
    const filled = copyInto(whole, this.#pieces);
    // In what is left of the slab there may be the bytes of others.
    if (filled !== this.#bytes) throw new TypeError("Cannot send bytes whose memory changed");
    return whole;
  }
}
