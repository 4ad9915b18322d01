import type { PathWatch } from "./path_watch.ts";

/** Levels of Zstandard: the first one makes least of the bytes, the last one is the fastest. */
const LEVELS = [3, 1] as const;

/**
 * What compressing is taken to come to until that is known, in bytes of a file per millisecond: 1.2 Gbit/s, half
 * of what a thread of an ordinary processor does by itself.
 */
const ASSUMED_RATE = 150_000;

/** What is shorter than this, in milliseconds, is a path of which nothing is known until it is tried. */
const SHORT_MS = 1;

/** So long, or so many bytes, are looked at to know how fast a path is. */
const LOOK_MS = 50;
const LOOK_BYTES = 4 * 1024 * 1024;

/** How many bytes go as they are at a time on a path that is known to be fast. */
const FAST_BYTES = 16 * 1024 * 1024;

/** After how many bytes of a file it is asked again whether compressing keeps up; and once that is settled. */
const ROUND_BYTES = 8 * 1024 * 1024;
const SETTLED_BYTES = 128 * 1024 * 1024;

/** How a {@linkcode CompressionChoice} is made. */
export interface ChoiceOptions {
  /** All that becomes smaller is compressed, however fast the path is. */
  always: boolean;
  /** The shortest round trip that was seen, in milliseconds; `undefined`: it is not known. */
  roundTripMs: number | undefined;
  path: PathWatch;
  /** A monotonic clock, in milliseconds. */
  now: () => number;
}

/**
 * Whether, and how much, to compress: as long as bytes wait for the path rather than for the compressor.
 *
 * A long path is taken for slow at first, and a short one for fast, until {@linkcode LOOK_MS} of it are known.
 * Where what is compressed cannot keep the path busy it is first compressed less; if that is not enough, some
 * go as they are, and whichever was faster goes on.
 */
export class CompressionChoice {
  readonly #options: ChoiceOptions;
  #compresses: boolean;
  /** Whether the path was found to be faster than compressing. */
  #isFast = false;
  #step = 0;
  /** What compressing comes to where it is what everything waits for, in bytes of a file per millisecond. */
  #compressedRate = ASSUMED_RATE;
  /** From when on the present round counts: on the clock, or, where bytes go as they are, in busy milliseconds. */
  #since: number;
  /** How many bytes had arrived then. */
  #before = 0;
  #waitedMs = 0;
  /** How many bytes of the file the round has, and still has to come; none before the first block is there. */
  #round = 0;
  #left: number | undefined;

  constructor(options: ChoiceOptions) {
    const { always, roundTripMs } = options;
    this.#options = options;
    this.#compresses = always || (roundTripMs ?? 0) >= SHORT_MS;
    this.#since = this.#compresses ? options.now() : options.path.busyMs;
  }

  /** At which level to compress the next block; `undefined`: it goes as it is. */
  get level(): number | undefined {
    return this.#compresses ? LEVELS[this.#step] : undefined;
  }

  /** How many bytes may go as they are before it is asked again. */
  get bareBytes(): number {
    return this.#isFast ? FAST_BYTES : LOOK_BYTES;
  }

  /** What went as it was has arrived. */
  arrived(): void {
    if (this.#compresses) return;
    const { path, roundTripMs = 0 } = this.#options;
    const ms = path.busyMs - this.#since;
    const bytes = path.arrived - this.#before;
    if (ms < Math.max(LOOK_MS, 4 * roundTripMs) && bytes < LOOK_BYTES) return;
    this.#isFast = bytes >= this.#compressedRate * ms;
    if (this.#isFast) return this.#look();
    this.#compresses = true;
    if (this.#left !== undefined) this.#begin(SETTLED_BYTES);
  }

  /**
   * A block has been compressed.
   *
   * @param length How many bytes it had.
   * @param waitedMs For how long nothing was under way because of that.
   */
  compressed(length: number, waitedMs: number): void {
    const { always, now } = this.#options;
    if (!this.#compresses) return;
    if (this.#left === undefined) return this.#begin(ROUND_BYTES); // a thread had to be started
    this.#waitedMs += waitedMs;
    this.#left -= length;
    if (this.#left > 0) return;
    const ms = now() - this.#since;
    const keepsUp = this.#waitedMs < ms / 2;
    if (keepsUp) return this.#begin(ROUND_BYTES);
    if (this.#step < LEVELS.length - 1) {
      this.#step++;
      return this.#begin(ROUND_BYTES);
    }
    if (always) return this.#begin(SETTLED_BYTES);
    this.#compressedRate = this.#round / Math.max(ms, 1);
    this.#compresses = false;
    this.#look();
  }

  #begin(bytes: number): void {
    this.#since = this.#options.now();
    this.#waitedMs = 0;
    this.#left = this.#round = bytes;
  }

  #look(): void {
    const { path } = this.#options;
    this.#since = path.busyMs;
    this.#before = path.arrived;
  }
}
