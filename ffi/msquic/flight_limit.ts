/** What is known of a connection's path when something was acknowledged. */
export interface PathSample {
  /** When that was, in milliseconds of any clock. */
  nowMs: number;
  /** Smoothed round-trip time, in milliseconds. */
  rttMs: number;
  /** What the path takes, in bytes per millisecond, as the congestion control has found; 0 if it has not. */
  rate: number;
  /** In bytes. */
  congestionWindow: number;
  /** Packets that were sent so far, and those of them that were lost. */
  packetsSent: number;
  packetsLost: number;
}

/** On a path whose round trip is shorter, in milliseconds, there is no limit: its length is that of queues. */
export const SHORT_MS = 2;

/** What is in flight is this multiple of what the path holds, where the rate is not known yet. */
const STARTUP_GAIN = 2;

/** Where it is, at most and at least: enough to see that there is more to be had, or just what there is. */
const MOST_GAIN = 1.25;
const LEAST_GAIN = 1.05;

/** And while the queue, that may be one's own, is emptied to see how long the path is. */
const DRAIN_GAIN = 0.5;

const DRAIN_ROUNDS = 2;

/** The rate is known when it has not grown by a quarter in so many round trips (as in BBR). */
const GROWTH = 1.25;
const ROUNDS_WITHOUT_GROWTH = 3;

/** And in one without, of which more than this share was lost: the queue is full, and is a short one. */
const SATURATED_LOSS = 0.2;

/** Only a round trip that takes more than this multiple has a queue in it that is worth emptying. */
const FILLED = 1.25;

/** Where more than this share of a round trip's packets is lost, queues are taken for short. */
const MUCH_LOSS = 0.03;

/** From this multiple down, what is sent is spread over time: a short queue takes no bursts. */
const PACED_GAIN = 1.15;

/** A little faster than what is in flight arrives, which is the bound. */
const PACE = 1.05;

/** By how much the multiple falls with such a round trip, and rises with another. */
const GAIN_FALL = 0.05;
const GAIN_RISE = 0.01;

/** Round trips that take this multiple, all through so many, are another path's, or a queue's. */
const LONGER = 1.5;
const LONGER_ROUNDS = 8;

/** What is in flight beside, in milliseconds and bytes: acknowledgements come for several packets at once. */
const SLACK_MS = 2;
const MOST_SLACK = 64 * 1024;
const LEAST_SLACK = 6 * 1024;

/**
 * How much may be in flight on a path: what it holds, and little more.
 *
 * The BBR of MsQuic has far more in flight than twice that, as its allowance for acknowledgements that come
 * together grows without a bound, and does not spread it over time (the allowance that it computes for a
 * pause between sends is a million times what it should be). What the queue of the path has no room for is
 * lost, again and again. What it finds out about the path's rate is right all the same.
 */
export class FlightLimit {
  #baseMs: number;
  #startup = true;
  /** Whether packets were lost before the rate was known. */
  #lossy = false;
  #gain = MOST_GAIN;
  #bestRate = 0;
  #roundsWithoutGrowth = 0;
  #longerRounds = 0;
  #drainRounds = 0;
  #drainedMs = Infinity;
  #roundEndsMs = -Infinity;
  #packetsSent = 0;
  #packetsLost = 0;
  #bytes: number;
  #holds = 0;
  #slackMs = SLACK_MS;

  /**
   * @param minRttMs The shortest round trip that was seen.
   * @param congestionWindow In bytes.
   */
  constructor(minRttMs: number, congestionWindow: number) {
    this.#baseMs = minRttMs;
    this.#bytes = congestionWindow;
  }

  /** In bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How fast it may be sent, in bytes per millisecond; without limit where the path has a queue for bursts. */
  get pace(): number {
    const paced = this.#startup ? this.#lossy : this.#gain <= PACED_GAIN;
    if (!paced || this.#holds === 0 || this.#baseMs < SHORT_MS) return Infinity;
    return PACE * Math.max(1, this.#factor) * this.#holds / this.#baseMs;
  }

  /** What the path holds, in bytes; 0 if it is not known yet. */
  get pathHolds(): number {
    return this.#holds;
  }

  /**
   * The peer's timers are so slow, in milliseconds, that it may take so long to acknowledge what is too little to
   * be acknowledged at once. With less in flight than comes meanwhile, the rate that is found falls, and with it
   * what may be in flight.
   */
  allowSlowTimers(peerMinMs: number): void {
    this.#slackMs = Math.max(SLACK_MS, peerMinMs);
  }

  note(sample: PathSample): void {
    const { nowMs, rttMs, rate, congestionWindow } = sample;
    this.#baseMs = Math.min(this.#baseMs, rttMs);
    if (this.#drainRounds > 0) this.#drainedMs = Math.min(this.#drainedMs, rttMs);
    if (nowMs >= this.#roundEndsMs) {
      this.#roundEndsMs = nowMs + rttMs;
      this.#noteRound(sample);
    }
    if (rate === 0) {
      this.#bytes = congestionWindow;
      return;
    }
    this.#holds = rate * this.#baseMs;
    if (this.#baseMs < SHORT_MS) {
      this.#bytes = Infinity;
      return;
    }
    const slack = Math.min(rate * this.#slackMs, MOST_SLACK) + LEAST_SLACK;
    this.#bytes = Math.min(this.#factor * this.#holds + slack, congestionWindow);
  }

  get #factor(): number {
    if (this.#startup) return STARTUP_GAIN;
    return this.#drainRounds > 0 ? DRAIN_GAIN : this.#gain;
  }

  #noteRound(sample: PathSample): void {
    const { rttMs, packetsSent, packetsLost } = sample;
    const sent = packetsSent - this.#packetsSent;
    const lost = packetsLost - this.#packetsLost;
    this.#packetsSent = packetsSent;
    this.#packetsLost = packetsLost;
    if (this.#startup) return this.#noteStartup(sample, lost / Math.max(1, sent));
    const much = lost > MUCH_LOSS * sent;
    this.#gain = much
      ? Math.max(LEAST_GAIN, this.#gain - GAIN_FALL)
      : Math.min(MOST_GAIN, this.#gain + GAIN_RISE);
    this.#noteLength(rttMs);
  }

  #noteStartup({ rate, rttMs }: PathSample, loss: number): void {
    if (loss > MUCH_LOSS) this.#lossy = true;
    if (rate >= GROWTH * this.#bestRate) {
      this.#bestRate = rate;
      this.#roundsWithoutGrowth = 0;
      return;
    }
    const saturated = loss > SATURATED_LOSS;
    if (++this.#roundsWithoutGrowth < ROUNDS_WITHOUT_GROWTH && !saturated) return;
    this.#startup = false;
    if (saturated) this.#gain = LEAST_GAIN;
    if (!saturated || rttMs > FILLED * this.#baseMs) this.#drain();
  }

  #drain(): void {
    this.#drainRounds = DRAIN_ROUNDS;
    this.#drainedMs = Infinity;
  }

  /** Finds out whether the path has become longer, once what waits in its queue has gone. */
  #noteLength(rttMs: number): void {
    if (this.#drainRounds > 0) {
      if (--this.#drainRounds === 0 && this.#drainedMs > LONGER * this.#baseMs) {
        this.#baseMs = this.#drainedMs;
      }
      return;
    }
    if (rttMs <= LONGER * this.#baseMs) {
      this.#longerRounds = 0;
      return;
    }
    if (++this.#longerRounds < LONGER_ROUNDS) return;
    this.#longerRounds = 0;
    this.#drain();
  }
}
