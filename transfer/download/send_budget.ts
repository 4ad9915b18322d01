import type { MemoryBudget } from "../../base/mod.ts";

/** Who lends the memory for what is under way to a peer. */
export interface SendLender {
  /** Whether there are so many bytes to be had; if so, they are lent. */
  lend(bytes: number): boolean;
  giveBack(bytes: number): void;
  /** Whether more than one buffer is lent, and more than there would be for everybody. */
  readonly crowded: boolean;
  /** Is told that the peer has taken something. */
  noteProgress(): void;
}

/** Lends whatever is wanted: for who sends one file, or a few. */
export const GENEROUS: SendLender = {
  lend: () => true,
  giveBack() {},
  crowded: false,
  noteProgress() {},
};

/** How much a {@linkcode SendBudget} lends. */
export interface SendBudgetOptions {
  /** Where what is lent is taken from. */
  memory: MemoryBudget;
  /** How many send at once; each has {@linkcode LEAST_BYTES} in small buffers in any case. */
  turns: number;
  /** How long one whose peer takes nothing may keep others waiting for their turn, in milliseconds. */
  stallMs: number;
}

/** What a download has in any case: two buffers of 32 KiB. */
export const LEAST_BYTES = 64 * 1024;

/** How often to look for those who keep others waiting, in milliseconds, at most. */
const LOOK_MS = 1000;

/**
 * What a process's downloads hold, whether their clients read or not. Large buffers are lent as the memory
 * has room for them; whoever gets none makes do with small ones. Only so many send at once, and further ones
 * wait for their turn, first come, first served. Who takes nothing gives up its turn to those who wait.
 */
export class SendBudget {
  readonly #options: SendBudgetOptions;
  readonly #turns = new Set<SendTurn>();
  readonly #waiting = new Set<(turn: SendTurn) => void>();
  #lent = 0;
  #looking: ReturnType<typeof setInterval> | undefined;

  constructor(options: SendBudgetOptions) {
    this.#options = options;
  }

  /** Bytes that are lent. */
  get lent(): number {
    return this.#lent;
  }

  /** How many send. */
  get sending(): number {
    return this.#turns.size;
  }

  /** How many wait for their turn. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Takes a turn, or waits for one.
   *
   * @param signal Gives up waiting; asked for only if there is a wait.
   */
  enter(signal: () => AbortSignal): SendTurn | Promise<SendTurn> {
    if (this.#waiting.size === 0 && this.#turns.size < this.#options.turns) return this.#begin();
    return this.#wait(signal());
  }

  #begin(): SendTurn {
    const { memory } = this.#options;
    memory.claim(LEAST_BYTES);
    const turn = new SendTurn({
      lend: (bytes, held) => {
        const lent = memory.lend(bytes, held);
        if (lent) this.#lent += bytes;
        return lent;
      },
      giveBack: (bytes) => {
        this.#lent -= bytes;
        memory.giveBack(bytes);
      },
      isCrowded: (held) => memory.isCrowded(held),
      end: () => this.#end(turn),
    });
    this.#turns.add(turn);
    return turn;
  }

  async #wait(signal: AbortSignal): Promise<SendTurn> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<SendTurn>();
    const giveUp = () => {
      this.#waiting.delete(resolve);
      this.#lookIfNeeded();
      reject(signal.reason);
    };
    signal.addEventListener("abort", giveUp, { once: true });
    this.#waiting.add(resolve);
    this.#lookIfNeeded();
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  #end(turn: SendTurn): void {
    if (!this.#turns.delete(turn)) return;
    this.#options.memory.release(LEAST_BYTES);
    const [next] = this.#waiting;
    if (next === undefined) return;
    this.#waiting.delete(next);
    this.#lookIfNeeded();
    next(this.#begin());
  }

  /** Looks for those who take nothing, as long as others wait. */
  #lookIfNeeded(): void {
    if (this.#waiting.size === 0) {
      clearInterval(this.#looking);
      this.#looking = undefined;
    } else {
      this.#looking ??= setInterval(
        () => this.#endStalled(),
        Math.min(LOOK_MS, this.#options.stallMs),
      );
    }
  }

  #endStalled(): void {
    const stalledSince = performance.now() - this.#options.stallMs;
    let wanted = this.#waiting.size;
    for (const turn of this.#turns) {
      if (wanted === 0) break;
      if (turn.progressAt > stalledSince) continue;
      turn.onStalled?.();
      wanted--;
    }
  }
}

/** What a turn needs of its budget. */
interface TurnBudget {
  lend(bytes: number, held: number): boolean;
  giveBack(bytes: number): void;
  isCrowded(held: number): boolean;
  end(): void;
}

/** The right to send a file now, and to borrow memory for it. */
export class SendTurn implements SendLender, Disposable {
  readonly #budget: TurnBudget;
  #held = 0;
  #loans = 0;
  /** When the peer last took something. */
  progressAt: number = performance.now();
  /** Is called while the peer takes nothing, and others wait; to end it. */
  onStalled: (() => void) | undefined;

  constructor(budget: TurnBudget) {
    this.#budget = budget;
  }

  get crowded(): boolean {
    return this.#loans > 1 && this.#budget.isCrowded(this.#held);
  }

  lend(bytes: number): boolean {
    if (!this.#budget.lend(bytes, this.#held)) return false;
    this.#held += bytes;
    this.#loans++;
    return true;
  }

  giveBack(bytes: number): void {
    this.#held -= bytes;
    this.#loans--;
    this.#budget.giveBack(bytes);
  }

  noteProgress(): void {
    this.progressAt = performance.now();
  }

  [Symbol.dispose](): void {
    this.#budget.giveBack(this.#held);
    this.#held = 0;
    this.#budget.end();
  }
}
