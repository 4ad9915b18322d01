import { createHash } from "node:crypto";
import { delay } from "../../base/mod.ts";
import type { ByteSource } from "../../protocol/mod.ts";
import type { ByteSink } from "../../transfer/mod.ts";

/** What a lent chunk is overwritten with when it is taken back. */
const TAKEN_BACK = 0xee;

/** Bytes that repeat with no period of a power of two, so that mixed up blocks are noticed. */
export function pattern(length: number): Uint8Array {
  const unit = new Uint8Array(65_521);
  crypto.getRandomValues(unit);
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += unit.length) {
    bytes.set(unit.subarray(0, Math.min(unit.length, length - at)), at);
  }
  return bytes;
}

/** SHA-256 of bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}

/** Data as it is transferred: with its trailer. */
export function withTrailer(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(bytes.length + 32);
  whole.set(bytes);
  whole.set(sha256(bytes), bytes.length);
  return whole;
}

/** A source that lends `bytes` in chunks of a length, and overwrites each before it lends the next. */
export function lendingSource(bytes: Uint8Array, chunkLength = 100_000): ByteSource {
  let position = 0;
  let lent = new Uint8Array(0);
  return {
    read() {
      lent.fill(TAKEN_BACK);
      if (position === bytes.length) return Promise.resolve(null);
      lent = bytes.slice(position, position + chunkLength);
      position += lent.length;
      return Promise.resolve(lent);
    },
  };
}

/** What happens to one send. */
export interface Sent {
  data: Uint8Array;
  fin: boolean;
}

/**
 * A sink that is done with the bytes of a send only some turns of the event loop later. It looks at them
 * then, so changing them too early is noticed.
 */
export class MemorySink implements ByteSink {
  readonly sent: Sent[] = [];
  readonly aborts: (number | undefined)[] = [];
  inFlight = 0;
  mostInFlight = 0;
  readonly #turns: number;

  /** @param turns How many turns of the event loop a send takes. */
  constructor(turns = 3) {
    this.#turns = turns;
  }

  async send(data: Uint8Array, options: { fin?: boolean } = {}): Promise<void> {
    const entry: Sent = { data, fin: options.fin ?? false };
    this.sent.push(entry);
    this.inFlight++;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    for (let turn = 0; turn < this.#turns; turn++) await nextTurn();
    entry.data = data.slice();
    this.inFlight--;
    await this.finishSend();
  }

  abort(errorCode?: number): void {
    this.aborts.push(errorCode);
  }

  /** Everything that was sent. */
  get bytes(): Uint8Array {
    const whole = new Uint8Array(this.sent.reduce((sum, { data }) => sum + data.length, 0));
    let position = 0;
    for (const { data } of this.sent) {
      whole.set(data, position);
      position += data.length;
    }
    return whole;
  }

  /** The last thing a send does; may fail. */
  protected finishSend(): Promise<void> {
    return Promise.resolve();
  }
}

/** The next turn of the event loop. */
export function nextTurn(): Promise<void> {
  return delay(0);
}
