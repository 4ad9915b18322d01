/** How long to look before going to sleep, milliseconds: some wake-ups of another process. */
const SPIN_MS = 0.2;

/** A sleep shorter than this, milliseconds, shows that looking might have been enough. */
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
  #quick = false;
  #penalty = 1;
  #skip = 0;

  /** Whether `ready` became true; false at once when looking is not worth it. */
  until(ready: () => boolean): boolean {
    if (!this.#quick) return false;
    if (this.#skip > 0) {
      this.#skip--;
      return false;
    }
    const end = performance.now() + SPIN_MS;
    do {
      for (let i = 0; i < LOOKS; i++) {
        if (!ready()) continue;
        this.#penalty = 1;
        return true;
      }
    } while (performance.now() < end);
    this.#skip = this.#penalty;
    this.#penalty = Math.min(this.#penalty * 2, MAX_PENALTY);
    return false;
  }

  /** Learns how long a sleep was, milliseconds. */
  slept(ms: number): void {
    this.#quick = ms < QUICK_MS;
  }
}
