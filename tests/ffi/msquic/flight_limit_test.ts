import assert from "node:assert/strict";
import { FlightLimit } from "../../../ffi/msquic/flight_limit.ts";

const BASE_MS = 50;
const PACKET = 1400;

/** What a peer acknowledges at once, in bytes. */
const AT_ONCE = 45 * PACKET;

/** A path with a rate, in bytes per millisecond, and a queue, in milliseconds of it, filled up to a limit. */
class Path {
  readonly limit: FlightLimit;
  readonly rate: number;
  baseMs = BASE_MS;
  queueMs: number;
  /** After how many milliseconds the peer acknowledges what is less than {@linkcode AT_ONCE}. */
  ackDelayMs = 0;
  #nowMs = 0;
  #sent = 0;
  #lost = 0;
  #delivered = 0;
  inFlight = 10 * PACKET;

  constructor(rate: number, queueMs: number) {
    this.rate = rate;
    this.queueMs = queueMs;
    this.limit = new FlightLimit(BASE_MS, this.inFlight);
  }

  /** One round trip: what is in flight arrives, and as much is sent as the limit allows. */
  round(): { lost: number; rttMs: number } {
    const room = this.rate * (this.baseMs + this.queueMs);
    const lost = Math.max(0, this.inFlight - room);
    const arrived = this.inFlight - lost;
    const rttMs = Math.max(this.baseMs, arrived / this.rate);
    const roundMs = rttMs + (arrived < AT_ONCE ? this.ackDelayMs : 0);
    this.#delivered = Math.max(arrived / roundMs, 0);
    this.#nowMs += roundMs;
    this.#sent += this.inFlight / PACKET;
    this.#lost += lost / PACKET;
    this.limit.note({
      nowMs: this.#nowMs,
      rttMs,
      rate: this.#delivered,
      congestionWindow: 1e9,
      packetsSent: this.#sent,
      packetsLost: this.#lost,
    });
    this.inFlight = this.limit.bytes;
    return { lost: lost / this.inFlight, rttMs };
  }

  rounds(count: number): { lost: number; rttMs: number } {
    let last = this.round();
    for (let i = 1; i < count; i++) last = this.round();
    return last;
  }
}

Deno.test("FlightLimit finds the rate of a path whose peer has slow timers", () => {
  const rateOf = (slow: boolean) => {
    const path = new Path(2500, 100);
    path.baseMs = 5;
    path.ackDelayMs = 16;
    if (slow) path.limit.allowSlowTimers(path.ackDelayMs);
    path.rounds(200);
    return path.limit.pathHolds / path.baseMs;
  };
  assert.ok(rateOf(true) > 0.9 * 2500, `${rateOf(true)} bytes in a millisecond`);
  assert.ok(rateOf(false) < 0.5 * 2500, "it is nothing that has to be allowed for");
});

Deno.test("FlightLimit doubles until the rate is known, and then has little more in flight than the path holds", () => {
  const path = new Path(60_000, 100);
  path.rounds(40);
  const holds = 60_000 * BASE_MS;
  assert.ok(path.inFlight > holds, `${path.inFlight} of ${holds} bytes`);
  assert.ok(path.inFlight < 1.4 * holds, `${path.inFlight} of ${holds} bytes`);
  assert.ok(Math.abs(path.limit.pathHolds - holds) < 0.1 * holds);
});

Deno.test("FlightLimit leaves a short queue what it has room for", () => {
  const path = new Path(25_000, 5);
  path.rounds(60);
  let lost = 0;
  for (let i = 0; i < 50; i++) lost += path.round().lost;
  assert.ok(lost / 50 < 0.03, `${lost / 50} of what is in flight is lost`);
});

Deno.test("FlightLimit finds out that the path has become longer", () => {
  const path = new Path(10_000, 100);
  path.rounds(40);
  path.baseMs = 200;
  path.rounds(60);
  assert.ok(path.limit.pathHolds > 0.8 * 10_000 * 200, `${path.limit.pathHolds} bytes`);
});

Deno.test("FlightLimit leaves a short path alone", () => {
  const limit = new FlightLimit(5, 14_000);
  assert.equal(limit.bytes, 14_000);
  const sample = { rate: 1_000_000, congestionWindow: 3_000_000, packetsSent: 1, packetsLost: 0 };
  limit.note({ nowMs: 1, rttMs: 0.3, ...sample });
  assert.equal(limit.bytes, Infinity);
});

Deno.test("FlightLimit spreads over time what a short queue has no room for, and nothing else", () => {
  const short = new Path(25_000, 5);
  const long = new Path(25_000, 100);
  for (const path of [short, long]) path.rounds(40);
  assert.ok(short.limit.pace < 1.3 * short.rate, `${short.limit.pace} bytes/ms`);
  assert.ok(short.limit.pace > short.rate, `${short.limit.pace} bytes/ms`);
  assert.equal(long.limit.pace, Infinity);
});

Deno.test("FlightLimit takes the rate for known when a short queue is full, at once", () => {
  const path = new Path(25_000, 5);
  path.inFlight = 1.1 * path.rate * BASE_MS;
  path.rounds(2);
  assert.ok(path.inFlight < 1.2 * path.rate * BASE_MS, `${path.inFlight} bytes`);
});
