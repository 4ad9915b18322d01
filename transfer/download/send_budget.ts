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
  /** How much is lent to one client, for all that it is sent, in bytes. */
  perClient: number;
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
  readonly #waiting = new Set<() => void>();
  /** What is lent to each client; to others nothing is. */
  readonly #lentTo = new Map<object, number>();
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
   * @param client Whoever is sent something. What all of its downloads hold counts as one.
   * @param signal Gives up waiting; asked for only if there is a wait.
   */
  enter(client: object, signal: () => AbortSignal): SendTurn | Promise<SendTurn> {
    if (this.#waiting.size === 0 && this.#turns.size < this.#options.turns) {
      return this.#begin(client);
    }
    return this.#wait(client, signal());
  }

  #begin(client: object): SendTurn {
    const { memory } = this.#options;
    memory.claim(LEAST_BYTES);
    const turn = new SendTurn({
      lend: (bytes) => this.#lend(client, bytes),
      giveBack: (bytes) => this.#giveBack(client, bytes),
      isCrowded: () => memory.isCrowded(this.#lentTo.get(client) ?? 0),
      end: () => this.#end(turn),
    });
    this.#turns.add(turn);
    return turn;
  }

  #lend(client: object, bytes: number): boolean {
    const { memory, perClient } = this.#options;
    const before = this.#lentTo.get(client) ?? 0;
    if (before + bytes > perClient || !memory.lend(bytes, before)) return false;
    this.#lentTo.set(client, before + bytes);
    this.#lent += bytes;
    return true;
  }

  #giveBack(client: object, bytes: number): void {
    if (bytes === 0) return;
    const rest = (this.#lentTo.get(client) ?? 0) - bytes;
    if (rest > 0) this.#lentTo.set(client, rest);
    else this.#lentTo.delete(client);
    this.#lent -= bytes;
    this.#options.memory.giveBack(bytes);
  }

  async #wait(client: object, signal: AbortSignal): Promise<SendTurn> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<SendTurn>();
    const begin = () => resolve(this.#begin(client));
    const giveUp = () => {
      this.#waiting.delete(begin);
      this.#lookIfNeeded();
      reject(signal.reason);
    };
    signal.addEventListener("abort", giveUp, { once: true });
    this.#waiting.add(begin);
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
    next();
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
  lend(bytes: number): boolean;
  giveBack(bytes: number): void;
  isCrowded(): boolean;
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
    return this.#loans > 1 && this.#budget.isCrowded();
  }

  lend(bytes: number): boolean {
    if (!this.#budget.lend(bytes)) return false;
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
