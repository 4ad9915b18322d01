import { median, summarize, type Summary } from "./statistics.ts";

/** One line of the table: what was measured, and how each who was measured did. */
export interface Line {
  name: string;
  title: string;
  unit: string;
  better: "more" | "less";
  /** Of those measured side by side the first is the project, the others whom it is set against. */
  entries: Entry[];
  /** The value that the project is to hold, where there is nobody to set it against. */
  bound?: number;
  /** When it was measured, if not with the others. */
  measured?: string;
}

/** How one of them did. */
export interface Entry {
  who: string;
  /** A value per round. */
  rounds: number[];
  /** Processor time per round, where it is known. */
  cpu?: CpuUse[];
  /** The ratio, of the project's figure to this one, that is to be held. */
  hold?: number;
}

/** Processor time, user and system, that a round took. */
export interface CpuUse {
  serverMs: number;
  clientMs: number;
  /** How much was done in it: requests, messages, handshakes or bytes. */
  work: number;
}

/** How the project did, and how the others did beside it. Those without any round have no summary. */
export interface Comparison {
  own: Summary | undefined;
  /** Whether the value that is to be held is held. */
  kept: boolean | undefined;
  others: Against[];
}

/** The project's figure set against another's. */
export interface Against {
  who: string;
  summary: Summary | undefined;
  /** Of the medians. */
  ratio: number | undefined;
  /** Of the processor time that the servers take for the same work. */
  cpuRatio: number | undefined;
  hold: number | undefined;
  /** Whether the ratio that is to be held is held. */
  kept: boolean | undefined;
}

/** Sets a line's entries against its first. */
export function compare({ better, entries: [first, ...rest], bound }: Line): Comparison {
  const own = first && summaryOf(first);
  return {
    own,
    kept: isKept(own?.median, bound, better),
    others: rest.map((entry) => {
      const summary = summaryOf(entry);
      const ratio = own && summary && quotient(own.median, summary.median);
      const cpuRatio = first && quotient(cpuPerWork(first), cpuPerWork(entry));
      const { who, hold } = entry;
      return { who, summary, ratio, cpuRatio, hold, kept: isKept(ratio, hold, better) };
    }),
  };
}

function summaryOf({ rounds }: Entry): Summary | undefined {
  return rounds.length === 0 ? undefined : summarize(rounds);
}

function cpuPerWork({ cpu = [] }: Entry): number {
  const costs = cpu.map(({ serverMs, work }) => serverMs / work).filter(Number.isFinite);
  return costs.length === 0 ? NaN : median(costs);
}

function quotient(value: number, other: number): number | undefined {
  const ratio = value / other;
  return Number.isFinite(ratio) ? ratio : undefined;
}

function isKept(
  value: number | undefined,
  bound: number | undefined,
  better: Line["better"],
): boolean | undefined {
  if (value === undefined || bound === undefined) return undefined;
  return better === "more" ? value >= bound : value <= bound;
}
