import { minAckDelayMs } from "./ack_delay.ts";
import { changeSettings } from "./change_settings.ts";
import { readStatistics } from "./connection_statistics.ts";
import type { Handle } from "./handle.ts";
import type { Acknowledging } from "./runtime.ts";

/**
 * Fewer bytes than the packets that a peer has acknowledged at once: 41 of 1,200 to 1,472 bytes, one more than
 * it sends at once (`QUIC_MAX_DATAGRAMS_PER_SEND`).
 */
const FEW_BYTES = 32 * 1200;

/** On a path whose round trip is longer than so many delays of an acknowledgement, that delay is no matter. */
const DELAYS = 4;

/** Milliseconds after which nothing more comes, while the loop is busy with others. */
const SILENCE_MS = 0.1;

/** Milliseconds: for ever, as far as a connection is concerned. */
const NEVER = 2 ** 31 - 1;

/**
 * Acknowledges the last few packets of a connection at once where MsQuic would wait.
 *
 * A peer that sends much asks for one acknowledgement of 41 packets (ACK_FREQUENCY), and otherwise for one after
 * its delay: 2 ms, on Windows 17 to 32. Its BBR knows of no such delay. On a short path, one that somebody slow
 * has brought down to six packets would have them acknowledged after that delay, take that for the path's rate,
 * and stay there: its window is twice what the rate brings in the shortest round trip, and six packets. So when
 * nothing more comes for a moment, a PING is sent, which takes the acknowledgement along.
 */
export class PromptAck implements Acknowledging {
  readonly #connection: Handle;
  readonly #keepAliveMs: () => number;
  /** What has come since all was acknowledged that had. */
  #bytes = 0;
  /** Whether any of it has in this turn. */
  #came = false;
  /** When the last turn was over that has brought something. */
  #lastAt = -Infinity;
  /** When it was last acknowledged here. */
  #at = -Infinity;

  private constructor(connection: Handle, keepAliveMs: () => number) {
    this.#connection = connection;
    this.#keepAliveMs = keepAliveMs;
  }

  /**
   * For a connection that is connected; `undefined` if its path is long.
   *
   * @param keepAliveMs Its keep-alive interval at any time, in milliseconds; 0 for none.
   */
  static of(connection: Handle, keepAliveMs: () => number): PromptAck | undefined {
    if (readStatistics(connection).minRttUs > longUs()) return undefined;
    return new PromptAck(connection, keepAliveMs);
  }

  /** Who it is in logs and errors. */
  get traceName(): string {
    return this.#connection.traceName;
  }

  /** So many bytes of something long have come. */
  received(bytes: number): void {
    if (this.#bytes === 0) this.#connection.runtime.acknowledging.push(this);
    this.#bytes += bytes;
    this.#came = true;
  }

  /** For the runtime: acknowledges when nothing more comes. */
  afterTurn(quiet: boolean): "more" | "done" | "sent" {
    if (!quiet && this.#mayCome(performance.now())) return "more";
    const bytes = this.#bytes;
    this.#bytes = 0;
    this.#came = false;
    return bytes < FEW_BYTES && this.#acknowledge() ? "sent" : "done";
  }

  /** For the runtime. */
  handleFailure(): void {
    this.#connection.handleFailure();
  }

  /** The connection is over. */
  end(): void {
    this.#bytes = Infinity;
  }

  #mayCome(now: number): boolean {
    if (this.#came) this.#lastAt = now;
    this.#came = false;
    return now - this.#lastAt < SILENCE_MS;
  }

  #acknowledge(): boolean {
    const { rttUs, minRttUs } = readStatistics(this.#connection);
    const now = performance.now();
    // Once in a round trip is enough, and a path may have become a longer one.
    if (rttUs > longUs() || now - this.#at < minRttUs / 1000) return false;
    this.#at = now;
    // Whenever that is set, MsQuic sends a PING.
    const keepAliveIntervalMs = this.#keepAliveMs();
    changeSettings(this.#connection, { keepAliveIntervalMs: keepAliveIntervalMs || NEVER });
    if (keepAliveIntervalMs === 0) changeSettings(this.#connection, { keepAliveIntervalMs });
    return true;
  }
}

/** Longer is a long round trip, in microseconds. */
function longUs(): number {
  return 1000 * DELAYS * minAckDelayMs();
}
