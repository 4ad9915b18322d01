import { AsyncQueue, type ItemTaker } from "./async_queue.ts";
import type { Stream, WholeTaker } from "./stream.ts";

/** Whom a connection hands the streams to that its peer opens. */
export interface StreamTaker extends ItemTaker<Stream> {
  /**
   * All that the peer sends on a stream has come, in one small piece, before anybody was handed the stream.
   * This is said inside of MsQuic's event: what is sent meanwhile goes with the acknowledgement.
   *
   * @param bytes Borrowed, until this returns.
   * @returns Whether that is all there is to do with the stream; else it is handed over as others are.
   */
  takeWhole?(stream: Stream, bytes: Uint8Array): boolean;
}

/** The streams that a peer opens, until the connection ends. */
export class IncomingStreams extends AsyncQueue<Stream> implements WholeTaker {
  #taker: StreamTaker | undefined;

  override handTo(taker: StreamTaker): void {
    this.#taker = taker;
    super.handTo(taker);
  }

  /** For streams. */
  offer(stream: Stream, bytes: Uint8Array): boolean {
    const taker = this.#taker;
    if (taker?.takeWhole === undefined || !this.has(stream)) return false;
    if (!taker.takeWhole(stream, bytes)) return false;
    this.withdraw(stream);
    return true;
  }
}
