import { ConnectionEvent } from "./abi/mod.ts";
import { changeSettings } from "./change_settings.ts";
import { type ConnectionStatistics, readStatistics } from "./connection_statistics.ts";
import type { EventView } from "./event_view.ts";
import { FlightLimit, SHORT_MS } from "./flight_limit.ts";
import type { Handle } from "./handle.ts";
import { Pace } from "./pace.ts";
import type { Gathering } from "./runtime.ts";

const IDEAL_MULTIPLE = 3;

/** Of a packet, those of IP and UDP, of QUIC and of a frame, in bytes, at most. */
const HEADERS = 80;

/** What a packet carries, in bytes, as long as nothing is known. */
const PACKET = 1200;

/** Somebody who has bytes to send for which there was no room. */
export interface Held {
  /** Hands the next piece to MsQuic, of so many bytes at most. @returns How long it is; 0 if there is none. */
  handOver(most: number): number;
}

/**
 * What a connection has in flight of its large sends. MsQuic is handed no more of them than its path holds
 * ({@linkcode FlightLimit}), and where its queue is short no faster than it takes them ({@linkcode Pace}); those
 * who have more take turns.
 */
export class Flight implements Gathering, Disposable {
  readonly #connection: Handle;
  readonly #limit: FlightLimit;
  readonly #held = new Set<Held>();
  #room: number;
  /** What was handed to MsQuic, or lost, and has not been sent since: about, and rather less. */
  #unsent = 0;
  #bytesSent: number;
  #packetsLost: number;
  #gathered = false;
  readonly #pace = new Pace();
  /** What a packet carries, in bytes. */
  #packet = PACKET;
  /** For when it is not too early any more. */
  #timer: ReturnType<typeof setTimeout> | undefined;

  private constructor(connection: Handle, statistics: ConnectionStatistics) {
    const { minRttUs, congestionWindow, bytesSent, packetsLost } = statistics;
    this.#connection = connection;
    this.#bytesSent = bytesSent;
    this.#packetsLost = packetsLost;
    this.#limit = new FlightLimit(minRttUs / 1000, congestionWindow);
    this.#room = congestionWindow;
    changeSettings(connection, { networkStatistics: true });
  }

  /** For a connection that is connected; undefined if its path is short. */
  static of(connection: Handle): Flight | undefined {
    const statistics = readStatistics(connection);
    if (statistics.minRttUs < 1000 * SHORT_MS) return undefined;
    return new Flight(connection, statistics);
  }

  get traceName(): string {
    return this.#connection.traceName;
  }

  /** The peer's timers can no less, in milliseconds. */
  allowSlowTimers(peerMinMs: number): void {
    this.#limit.allowSlowTimers(peerMinMs);
  }

  /** Takes on somebody who has something to send. */
  hold(sender: Held): void {
    this.#held.add(sender);
    this.#gather();
  }

  /**
   * How many bytes of sends keep the path full, in which each that has lost a packet, and all behind it, wait
   * for a round trip more.
   */
  get idealBytes(): number {
    return IDEAL_MULTIPLE * this.#limit.pathHolds;
  }

  /** For the connection: something was acknowledged (`QUIC_CONNECTION_EVENT_NETWORK_STATISTICS`). */
  note(event: EventView): void {
    const layout = ConnectionEvent.NETWORK_STATISTICS;
    const { packetsSent, packetsLost, bytesSent, pathMtu } = readStatistics(this.#connection);
    this.#limit.note({
      nowMs: performance.now(),
      rttMs: Number(event.getBigUint64(layout.SmoothedRTT)) / 1000,
      rate: Number(event.getBigUint64(layout.Bandwidth)) / 1000,
      congestionWindow: event.getUint32(layout.CongestionWindow),
      packetsSent,
      packetsLost,
    });
    this.#pace.rate = this.#limit.pace;
    const inFlight = event.getUint32(layout.BytesInFlight);
    const posted = Number(event.getBigUint64(layout.PostedBytes));
    this.#packet = pathMtu - HEADERS;
    const lost = (packetsLost - this.#packetsLost) * this.#packet;
    const unsent = this.#unsent + lost - (bytesSent - this.#bytesSent);
    // What was reset is never sent, and no longer there either.
    this.#unsent = inFlight === 0 ? 0 : Math.max(0, Math.min(unsent, posted));
    this.#packetsLost = packetsLost;
    this.#bytesSent = bytesSent;
    this.#room = this.#limit.bytes - inFlight - this.#unsent;
    if (this.#held.size > 0) this.#gather();
  }

  /** For the runtime, before MsQuic is polled: hands over what there is room for. */
  sendBatch(): void {
    this.#gathered = false;
    if (this.#held.size === 0) return;
    const now = performance.now();
    for (const sender of this.#held) {
      if (this.#room <= 0) return;
      const most = this.#pace.allowance(now);
      if (most === 0) return this.#waitForPace();
      this.#held.delete(sender);
      const bytes = sender.handOver(this.#whole(most));
      if (bytes === 0) continue;
      this.#pace.spend(bytes);
      this.#room -= bytes;
      this.#unsent += bytes;
      this.#held.add(sender); // behind the others
    }
  }

  /** For the runtime. */
  handleFailure(): void {
    this.#connection.handleFailure();
  }

  /** The connection is over. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#held.clear();
  }

  /** So many bytes as packets that are full, one at least: who sends in small pieces sends many packets. */
  #whole(bytes: number): number {
    return Math.max(1, Math.floor(bytes / this.#packet)) * this.#packet;
  }

  #waitForPace(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#gather();
    }, this.#pace.waitMs);
  }

  #gather(): void {
    if (this.#gathered) return;
    this.#gathered = true;
    const { gathering, loop } = this.#connection.runtime;
    gathering.push(this);
    loop.flush();
  }
}
