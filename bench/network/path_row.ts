import type { BenchContext, Row } from "../context.ts";
import { CONTESTANTS } from "../contestants/mod.ts";
import type { Entry, Line } from "../line.ts";
import { formatNumber } from "../table.ts";
import { fileRate, memoryRate } from "./contestant_rates.ts";
import { type Congestion, limitRate } from "./limit_rate.ts";
import type { Path } from "./paths.ts";

/** Ways of the bytes: what the project calls it, and what is done from memory to memory. */
const WAYS = { put: "upload", get: "download" } as const;

type Way = keyof typeof WAYS;

/** Who is measured, in this order; the project's file goes first. */
const MEMORY = { msquicd: "msquicd, memory", deno: CONTESTANTS.deno, go: CONTESTANTS.go } as const;
const LIMITS = { cubic: "limit, CUBIC", bbr: "limit, BBR" } as const;

/** The share of native MsQuic's better figure that is to be held, where paths are not too bad. */
const HOLD = 0.9;
const HELD = { rttMs: 100, loss: 1 } as const;

/** How the figure's name in the results begins; the path's name follows. */
export const LINE_PREFIX = { put: "network-put-", get: "network-get-" } as const;

/** What the project and others make of a path, up and down; only measured if it is asked for. */
export function pathRow(path: Path): Row {
  return {
    name: "network",
    apart: true,
    path: path.name,
    run: async (context) => [
      await measure("put", path, context),
      await measure("get", path, context),
    ],
  };
}

async function measure(way: Way, path: Path, context: BenchContext): Promise<Line> {
  const entries = new Entries(`${way} over ${path.title}`, context);
  for (let round = 0; round < context.options.network.rounds; round++) {
    await measureAll(way, path, entries, context);
  }
  context.note(`  ${way}, ${path.title}: ${entries.last}`);
  return {
    name: `${LINE_PREFIX[way]}${path.name}`,
    title: `${way}, ${path.rateMbit} Mbit/s, ${path.title}`,
    unit: "Mbit/s",
    better: "more",
    entries: entries.all(path),
  };
}

async function measureAll(
  way: Way,
  path: Path,
  entries: Entries,
  context: BenchContext,
): Promise<void> {
  const { seconds } = context.options.network;
  const job = WAYS[way];
  let expected: number | undefined;
  for (const contestant of Object.keys(MEMORY) as (keyof typeof MEMORY)[]) {
    const rate = await entries.add(
      MEMORY[contestant],
      () => memoryRate({ contestant, path, seconds, context }, job),
    );
    if (contestant !== "msquicd" || rate === undefined) continue;
    expected = rate;
    await entries.add(
      CONTESTANTS.msquicd,
      () => fileRate({ contestant, path, seconds, context }, way, rate),
    );
  }
  if (expected === undefined) context.skip(`file in ${way} over ${path.title}`, "no rate is known");
  for (const congestion of Object.keys(LIMITS) as Congestion[]) {
    await entries.add(
      LIMITS[congestion],
      () => limitRate(job, congestion, path, seconds, context),
    );
  }
}

/** The figures of all who are measured on a path. */
class Entries {
  readonly #rounds = new Map<string, number[]>([
    [CONTESTANTS.msquicd, []],
    ...[...Object.values(LIMITS), ...Object.values(MEMORY)].map((who): [string, number[]] => [
      who,
      [],
    ]),
  ]);
  readonly #what: string;
  readonly #context: BenchContext;

  constructor(what: string, context: BenchContext) {
    this.#what = what;
    this.#context = context;
  }

  /** Measures one of them; who fails has no figure. */
  async add(who: string, measure: () => Promise<number>): Promise<number | undefined> {
    try {
      const rate = await measure();
      this.#rounds.get(who)?.push(rate);
      return rate;
    } catch (error) {
      this.#context.signal.throwIfAborted();
      this.#context.skip(`${who} in ${this.#what}`, error);
      return undefined;
    }
  }

  /** The last figures, for people. */
  get last(): string {
    return Array.from(this.#rounds, ([who, rounds]) => {
      const last = rounds.at(-1);
      return `${who} ${last === undefined ? "–" : formatNumber(last)}`;
    }).join(", ");
  }

  all({ rttMs, loss = 0 }: Path): Entry[] {
    const held = rttMs <= HELD.rttMs && loss <= HELD.loss;
    const limits: readonly string[] = Object.values(LIMITS);
    return Array.from(
      this.#rounds,
      ([who, rounds]) => ({ who, rounds, ...(held && limits.includes(who) ? { hold: HOLD } : {}) }),
    );
  }
}
