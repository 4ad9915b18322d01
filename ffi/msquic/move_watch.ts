import { type ConnectionStatistics, readStatistics } from "./connection_statistics.ts";
import type { Handle } from "./handle.ts";

/** How long a connection has to get used to a peer's new address, in milliseconds. */
const SETTLE_MS = 1000;

/** How long it is then looked at, in milliseconds. */
const WATCH_MS = 1000;

/** What is sent, for each byte that is received, where MsQuic sends as much as it may and no more. */
const LEAST_SHARE = 2;
const MOST_SHARE = 3.2;

/**
 * Looks at a connection whose peer has moved, whether it is stuck.
 *
 * To an address that has not answered a PATH_CHALLENGE, no more than three times is sent what is received
 * from it (RFC 9000 section 8.1). MsQuic, up to 2.6, never repeats that frame where it, or its answer, is
 * lost: it looks for the path that it was sent on by a number that is never noted (`PathId` in
 * `sent_packet_metadata.h`). A download then gets a few bytes with each sign of life, for ever. There, the
 * bytes that were sent were 2.9 times those received; elsewhere 50 times or more in a download, and fewer
 * than were received in an upload.
 */
export class MoveWatch implements Disposable {
  readonly #connection: Handle;
  readonly #onStuck: () => void;
  #timer: ReturnType<typeof setTimeout>;

  /** @param onStuck Is told that it is: what is left is to end it, so that the peer connects again. */
  constructor(connection: Handle, onStuck: () => void) {
    this.#connection = connection;
    this.#onStuck = onStuck;
    this.#timer = setTimeout(() => this.#watch(), SETTLE_MS);
  }

  #watch(): void {
    const before = readStatistics(this.#connection);
    this.#timer = setTimeout(() => this.#judge(before), WATCH_MS);
  }

  #judge(before: ConnectionStatistics): void {
    const now = readStatistics(this.#connection);
    const sent = now.bytesSent - before.bytesSent;
    const received = now.bytesReceived - before.bytesReceived;

    if (sent >= LEAST_SHARE * received && sent <= MOST_SHARE * received && sent > 0) {
      this.#onStuck();
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
