import type { BenchContext } from "./context.ts";
import type { CpuUse, Entry } from "./line.ts";
import { formatNumber } from "./table.ts";

/** What a round came to. */
export interface RoundResult {
  value: number;
  cpu?: CpuUse;
}

/** One of those who do a job in turn, once it is open. */
export interface OpenSide {
  /** @param warmUp Whether the round does not count. */
  round(warmUp: boolean): Promise<RoundResult>;
}

/** One of those who do a job in turn. */
export interface SideOptions {
  who: string;
  /** The ratio that the project is to hold against it. */
  hold?: number;
  /** Starts what it takes, which `resources` release. */
  open(resources: AsyncDisposableStack): Promise<OpenSide>;
}

/**
 * Has several do a job in turn, so that what else the machine does hits all of them. Who fails is left
 * out from then on, and named as skipped.
 *
 * @param what The job, for people.
 */
export async function takeTurns(
  what: string,
  sides: readonly SideOptions[],
  context: BenchContext,
): Promise<Entry[]> {
  await using resources = new AsyncDisposableStack();
  const turns: Turn[] = [];
  for (const side of sides) {
    const turn = new Turn(what, side, context);
    turns.push(turn);
    resources.use(turn);
    await turn.open();
  }
  for (let round = 0; round <= context.options.rounds; round++) {
    const order = round % 2 === 0 ? turns : turns.toReversed();
    for (const turn of order) await turn.round(round === 0);
    if (round > 0) context.note(`  round ${round}: ${turns.map(({ last }) => last).join(", ")}`);
  }
  return turns.map(({ entry }) => entry);
}

/** A side with its figures. */
class Turn implements AsyncDisposable {
  readonly #what: string;
  readonly #side: SideOptions;
  readonly #context: BenchContext;
  readonly #resources = new AsyncDisposableStack();
  #open: OpenSide | undefined;
  readonly entry: Entry;

  constructor(what: string, side: SideOptions, context: BenchContext) {
    this.#what = what;
    this.#side = side;
    this.#context = context;
    const { who, hold } = side;
    this.entry = { who, rounds: [], cpu: [], ...(hold === undefined ? {} : { hold }) };
  }

  /** The last round's figure, for people. */
  get last(): string {
    const value = this.#open && this.entry.rounds.at(-1);
    return `${this.entry.who} ${value === undefined ? "–" : formatNumber(value)}`;
  }

  /** Opens the side; if that fails, the others go on without it. */
  async open(): Promise<void> {
    try {
      this.#open = await this.#side.open(this.#resources);
    } catch (error) {
      this.#giveUp(error);
    }
  }

  /** Does a round, if there has been no failure so far. */
  async round(warmUp: boolean): Promise<void> {
    if (this.#open === undefined) return;
    try {
      const { value, cpu } = await this.#open.round(warmUp);
      if (warmUp) return;
      this.entry.rounds.push(value);
      if (cpu) this.entry.cpu?.push(cpu);
    } catch (error) {
      this.#giveUp(error);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }

  #giveUp(error: unknown): void {
    this.#context.signal.throwIfAborted();
    this.#open = undefined;
    this.entry.rounds.length = 0;
    this.entry.cpu = [];
    this.#context.skip(`${this.entry.who} in ${this.#what}`, error);
  }
}
