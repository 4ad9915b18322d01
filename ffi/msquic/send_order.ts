import { StreamSchedulingScheme } from "./abi/mod.ts";
import type { Handle } from "./handle.ts";

/**
 * How much a stream may send in front of others before it counts as bulk, in bytes: a little more than
 * a turn, which is eight packets.
 */
const SMALL = 16 * 1024;

/** How much all streams of a connection may send in front of bulk that does not come further. */
const HEAD_START = 64 * 1024;

/**
 * What MsQuic sorts the streams by that have something to send (`QUIC_PARAM_STREAM_PRIORITY`); those in
 * front are sent until they have nothing left. Its default is the middle of the range.
 */
const BEHIND = new DataView(new Uint16Array([0x3fff]).buffer);

const ROUND_ROBIN = new DataView(new Uint32Array([StreamSchedulingScheme.ROUND_ROBIN]).buffer);

/**
 * Has the streams of a connection take turns of eight packets (`QUIC_STREAM_SEND_BATCH_COUNT`), where
 * otherwise one is sent to its end before the next.
 */
export function takeTurns(connection: Handle): void {
  connection.setParam("CONN_STREAM_SCHEDULING_SCHEME", ROUND_ROBIN);
}

/** Has a stream sent only while none in front has anything to send. */
export function sendBehind(stream: Handle): void {
  stream.setParam("STREAM_PRIORITY", BEHIND);
}

/**
 * In which order the streams of a connection are sent: what is small in front of what is large, by
 * what each has sent so far.
 *
 * So a request, an answer or a farewell does not wait for a file, whoever sends it. Those in front could
 * come one after the other for ever, and nothing large would be sent: together they have a head start,
 * which they get back as bulk comes further, and without which they take turns with it.
 */
export class SendOrder {
  #bulk = 0;
  #headStart = HEAD_START;

  /** A stream sends bytes in front. @returns Whether it may. */
  small(bytes: number): boolean {
    if (this.#bulk === 0) return true;
    if (this.#headStart < bytes) return false;
    this.#headStart -= bytes;
    return true;
  }

  /** A stream that is bulk sends bytes: it would not, if nothing of what it sent before had gone. */
  large(bytes: number): void {
    this.#headStart = Math.min(this.#headStart + bytes, HEAD_START);
  }

  /** A stream has become bulk. */
  begin(): void {
    this.#bulk++;
  }

  /** A stream that was bulk sends nothing more. */
  end(): void {
    this.#bulk--;
  }
}

/** The place of one stream in the order of its connection. */
export class SendPlace {
  readonly #order: SendOrder;
  #sent = 0;
  #behind = false;
  #bulk = false;

  constructor(order: SendOrder) {
    this.#order = order;
  }

  /** Notes that bytes are about to be sent. @returns Whether the stream is to go behind now. */
  goesBehind(bytes: number): boolean {
    this.#sent += bytes;
    if (this.#sent > SMALL) this.#sendLarge(bytes);
    else if (this.#behind || this.#order.small(bytes)) return false;
    if (this.#behind) return false;
    return this.#behind = true;
  }

  /** Nothing more is sent. */
  end(): void {
    if (this.#bulk) this.#order.end();
    this.#bulk = false;
  }

  #sendLarge(bytes: number): void {
    if (!this.#bulk) this.#order.begin();
    this.#bulk = true;
    this.#order.large(bytes);
  }
}
