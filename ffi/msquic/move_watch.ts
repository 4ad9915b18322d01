import { type ConnectionStatistics, readStatistics } from "./connection_statistics.ts";
import type { Handle } from "./handle.ts";
import type { SendCounts } from "./stream_owner.ts";

/** How long a connection is looked at before it is judged, in milliseconds; longer on a path of long round trips. */
const WINDOW_MS = 1000;
const WINDOW_ROUND_TRIPS = 3;

/** What is sent, for each byte that is received, where MsQuic sends as much as it may and no more. */
const LEAST_SHARE = 2;
const MOST_SHARE = 3.2;

/** What may be sent to an address, for each byte that is received from it, before it has answered. */
const ALLOWED_SHARE = 3;

/** More bytes than may be received from an address before MsQuic tells of it. */
const NOT_COUNTED = 2 ** 20;

/** What is known at one moment. */
interface Look {
  readonly traffic: ConnectionStatistics;
  readonly sendsBegun: number;
  readonly sendsDone: number;
}

/**
 * Looks at a connection whose peer has moved, whether it is stuck.
 *
 * To an address that has not answered a PATH_CHALLENGE, no more than three times is sent what is received
 * from it (RFC 9000 section 8.1). MsQuic, up to 2.6, never repeats that frame where it, or its answer, is
 * lost: it looks for the path that it was sent on by a number that is never noted (`PathId` in
 * `sent_packet_metadata.h`). A download then gets a few bytes with each sign of life, for ever. There, the
 * bytes that were sent were 2.9 times those received; elsewhere 50 times or more in a download, and fewer
 * than were received in an upload. It may begin any time later: when something is to be sent at last.
 */
export class MoveWatch implements Disposable {
  readonly #connection: Handle;
  readonly #sends: Readonly<SendCounts>;
  readonly #onStuck: () => void;
  readonly #atMove: ConnectionStatistics;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param sends What the connection's streams send.
   * @param onStuck Is told that it is: what is left is to end it, so that the peer connects again.
   */
  constructor(connection: Handle, sends: Readonly<SendCounts>, onStuck: () => void) {
    this.#connection = connection;
    this.#sends = sends;
    this.#onStuck = onStuck;
    this.#atMove = readStatistics(connection);
    // The first window is for the address to answer in.
    this.#schedule(() => this.#watch());
  }

  #watch(): void {
    const before = this.#look();
    if (hasAnswered(this.#atMove, before.traffic)) return;
    this.#schedule(() => {
      if (isStuck(before, this.#look())) this.#onStuck();
      else this.#watch();
    });
  }

  #look(): Look {
    const { begun, done } = this.#sends;
    return { traffic: readStatistics(this.#connection), sendsBegun: begun, sendsDone: done };
  }

  #schedule(next: () => void): void {
    const { rttUs } = readStatistics(this.#connection);
    this.#timer = setTimeout(next, Math.max(WINDOW_MS, WINDOW_ROUND_TRIPS * rttUs / 1000));
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

/** Whether more has been sent than may be to an address that has not answered. */
function hasAnswered(atMove: ConnectionStatistics, now: ConnectionStatistics): boolean {
  const { sent, received } = between(atMove, now);
  return sent > ALLOWED_SHARE * received + NOT_COUNTED;
}

/**
 * Whether less arrived between two looks than was under way at the first, with signs of life from the peer, and as
 * much sent as these allow. (Requests may have answers of that share as well, but these arrive.)
 */
function isStuck(before: Look, now: Look): boolean {
  if (now.sendsDone >= before.sendsBegun) return false;
  const { sent, received } = between(before.traffic, now.traffic);
  return received > 0 && sent >= LEAST_SHARE * received && sent <= MOST_SHARE * received;
}

function between(before: ConnectionStatistics, now: ConnectionStatistics) {
  return {
    sent: now.bytesSent - before.bytesSent,
    received: now.bytesReceived - before.bytesReceived,
  };
}
