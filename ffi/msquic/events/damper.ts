/** What went over the network so far, in both directions. */
export interface Traffic {
  datagrams: number;
  /** Of their payloads. */
  bytes: number;
}

/** So many turns in a row bring nothing by chance; what is exchanged is then looked at for as many. */
const CHANCE_TURNS = 12;

/** Datagrams with nothing but frames about others have fewer bytes, on the average. */
const EMPTY_BYTES = 100;

/** How long a rest is, in milliseconds: the first, and each twice as long as the one before, up to the last. */
const FIRST_REST_MS = 1;
const LONGEST_REST_MS = 4;

/**
 * Slows down exchanges of packets of which nothing comes.
 *
 * While a stream's reader pauses, MsQuic's sender says STREAM_DATA_BLOCKED as soon as that is acknowledged, and
 * its receiver answers at once with the MAX_STREAM_DATA that it has said before (microsoft/msquic#5769). On a
 * short path that is 10,000 times a second, for as long as the reader pauses, and takes a core at both ends. If
 * one of them looks at its packets a little later, that is over.
 */
export class Damper {
  readonly #traffic: () => Traffic;
  #turns = 0;
  #before: Traffic | undefined;
  #restMs = 0;

  constructor(traffic: () => Traffic) {
    this.#traffic = traffic;
  }

  /** Something has come of it: MsQuic has told or was told something. */
  stir(): void {
    this.#turns = 0;
    this.#restMs = 0;
  }

  /**
   * A turn is over in which packets came, or went.
   *
   * @returns For how many milliseconds nobody will miss a look at what comes next.
   */
  restMs(): number {
    const turns = ++this.#turns;
    if (turns < CHANCE_TURNS) return 0;
    if (turns > CHANCE_TURNS && turns < 2 * CHANCE_TURNS) return 0;
    const before = this.#before;
    const now = this.#before = this.#traffic();
    if (turns === CHANCE_TURNS || before === undefined) return 0;
    const datagrams = now.datagrams - before.datagrams;
    if (now.bytes - before.bytes > EMPTY_BYTES * datagrams) {
      this.stir();
      return 0;
    }
    return this.#restMs = Math.min(2 * this.#restMs || FIRST_REST_MS, LONGEST_REST_MS);
  }
}
