import type { MemoryBudget } from "../../base/memory_budget.ts";
import { changeSettings } from "./change_settings.ts";
import { readStatistics } from "./connection_statistics.ts";
import type { Handle } from "./handle.ts";

/**
 * Limits how far the receive windows of a connection's streams grow. To be called when it is connected.
 *
 * MsQuic doubles a window whose reader keeps up, and stops at what the settings say of the connection's
 * own. That was told to the peer in the handshake, and is only read as this bound from then on: so one
 * stream would come to have all of it, and if its reader stopped, nothing would come on any other.
 *
 * @param limit In bytes; none of its own by default.
 */
export function limitStreamWindows(connection: Handle, limit: number | undefined): void {
  if (limit === undefined) return;
  changeSettings(connection, { connFlowControlWindow: limit });
}

/** MsQuic looks at a window, and may double it, whenever this share of it has been read. */
const LOOK_SHARE = 1 / 4;

/**
 * MsQuic's clock is read a little later than this one: a stream that is so much too slow for a larger window
 * by this one is too slow by that one as well.
 */
const SLOWNESS = 2;

/** A window is doubled for a path that takes this share of it in a round trip. */
const FULL_SHARE = 1 / 2;

/** Bytes that were read, and in which time. */
interface Reading {
  bytes: number;
  ms: number;
}

function perRoundTrip({ bytes, ms }: Reading, rttMs: number): number {
  return bytes * rttMs / ms;
}

/** How the receive windows of connections grow. All of them are a power of two times the first. */
export interface WindowGrowth {
  /** What there is for all of them together. */
  budget: MemoryBudget;
  /** The window that each stream has at first, in bytes. */
  first: number;
  /** Up to here it grows as MsQuic sees fit, as there is room in the budget. */
  usual: number;
  /** Up to here it grows if a path takes it, in bytes. */
  most: number;
}

/**
 * The receive windows of a connection's streams.
 *
 * A window, once it was told to the peer, cannot be taken back (RFC 9000 section 4.1): so each is paid for in
 * a budget until its stream is over, also while nothing is in it. Every time before MsQuic may double one, it
 * is asked here whether the budget has room; if it has not, the limit for the whole connection goes down to
 * what that stream has ({@linkcode limitStreamWindows}), and nothing on it grows any more until somebody asks
 * again.
 */
export class ReceiveWindows {
  readonly #connection: Handle;
  readonly growth: WindowGrowth;
  #limit: number;
  #streams = 0;

  /** For a connection that is connected. */
  constructor(connection: Handle, growth: WindowGrowth) {
    this.#connection = connection;
    this.growth = growth;
    this.#limit = growth.usual;
    limitStreamWindows(connection, growth.usual);
  }

  /** So many bytes of a stream may be read before MsQuic may double its window. */
  get freely(): number {
    return this.growth.first * LOOK_SHARE;
  }

  /** How far MsQuic lets the windows grow now, in bytes. */
  get limit(): number {
    return this.#limit;
  }

  /**
   * Takes on a stream that makes the process hold something.
   *
   * @param delivered How many of its bytes have been read.
   */
  begin(delivered: number): StreamWindow {
    this.#streams++;
    this.growth.budget.claim(this.growth.first);
    const window = new StreamWindow(this, this.growth.first);
    window.delivered(delivered);
    return window;
  }

  /** For a stream's window: how large it may be after what has been read. */
  grow(size: number, lately: Reading, overHalf: Reading): number {
    const { budget, usual, most } = this.growth;
    const { rttUs, minRttUs } = readStatistics(this.#connection);
    if (perRoundTrip(lately, rttUs / 1000) * SLOWNESS < size * LOOK_SHARE) return size;
    if (size < this.#limit) {
      if (budget.lend(size, size)) return 2 * size;
      this.#setLimit(size);
      return size;
    }
    // What is read in the shortest round trip is what the path holds, without what waits in its queues.
    const filled = size < usual || perRoundTrip(overHalf, minRttUs / 1000) >= size * FULL_SHARE;
    if (size >= most || !filled || !budget.lend(size, size)) return size;
    this.#setLimit(2 * size);
    return 2 * size;
  }

  /** For a stream's window: it is over. */
  end(size: number): void {
    const { budget, first } = this.growth;
    budget.release(first);
    budget.giveBack(size - first);
    if (--this.#streams === 0) this.#setLimit(this.growth.usual);
  }

  #setLimit(limit: number): void {
    if (limit === this.#limit || !this.#connection.open) return;
    limitStreamWindows(this.#connection, limit);
    this.#limit = limit;
  }
}

/** The receive window of one stream. */
export class StreamWindow implements Disposable {
  readonly #windows: ReceiveWindows;
  #size: number;
  /** What was read since it was last looked at, and since when; as MsQuic counts. */
  #bytes = 0;
  #since = performance.now();
  /** The same over half a window, in which what came at once does not count for much. */
  #halfBytes = 0;
  #halfSince = this.#since;
  #over = false;

  constructor(windows: ReceiveWindows, size: number) {
    this.#windows = windows;
    this.#size = size;
  }

  /** How large it may be by now, in bytes. */
  get size(): number {
    return this.#size;
  }

  /** Bytes have been read, and MsQuic is about to be told. */
  delivered(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes >= this.#size * LOOK_SHARE) this.#look(performance.now());
  }

  #look(now: number): void {
    const size = this.#size;
    this.#halfBytes += this.#bytes;
    const half = this.#halfBytes >= size * FULL_SHARE;
    const lately = { bytes: this.#bytes, ms: now - this.#since };
    const overHalf = { bytes: half ? this.#halfBytes : 0, ms: now - this.#halfSince };
    this.#size = this.#windows.grow(size, lately, overHalf);
    this.#bytes = 0;
    this.#since = now;
    if (!half && this.#size === size) return;
    this.#halfBytes = 0;
    this.#halfSince = now;
  }

  /** The stream's memory is gone. */
  [Symbol.dispose](): void {
    if (this.#over) return;
    this.#over = true;
    this.#windows.end(this.#size);
  }
}
