/** How long to look before going to sleep, milliseconds: some wake-ups of another process. */
const SPIN_MS = 0.2;

/** What comes within this time of what came before it, milliseconds, comes in quick succession. */
const QUICK_MS = 0.3;

/** Looks between two looks at the clock. */
const LOOKS = 32;

/** After looking in vain, so many occasions at most are let pass before the next attempt. */
const MAX_PENALTY = 16;

/**
 * Decides whether to look for something in a tight loop before sleeping until it comes.
 *
 * It does so only while things come in quick succession, and less and less often when it finds
 * nothing, so that neither a quiet process nor one that shares its core pays for it.
 */
export class Spin {
  /** Whether the last sleep was so short that looking might have been enough. */
  #quick = false;
  /** When something came last, milliseconds. */
  #cameAt = 0;
  #penalty = 1;
  #skip = 0;
  readonly #now: () => number;

  /** @param now A clock, milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Whether `ready` became true; false at once when looking is not worth it. */
  until(ready: () => boolean): boolean {
    if (!this.#quick) return false;
    const now = this.#now();
    if (now - this.#cameAt > QUICK_MS) return this.#quick = false;
    if (this.#skip > 0) {
      this.#skip--;
      return false;
    }
    do {
      for (let i = 0; i < LOOKS; i++) {
        if (!ready()) continue;
        this.#penalty = 1;
        this.#cameAt = this.#now();
        return true;
      }
    } while (this.#now() < now + SPIN_MS);
    this.#skip = this.#penalty;
    this.#penalty = Math.min(this.#penalty * 2, MAX_PENALTY);
    return false;
  }

  /** Learns of a sleep that something ended just now, and that began `since`, milliseconds. */
  slept(since: number): void {
    this.#cameAt = this.#now();
    this.#quick = this.#cameAt - since < QUICK_MS;
  }
}
