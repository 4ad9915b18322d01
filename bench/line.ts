import { summarize, type Summary } from "./statistics.ts";

/** One line of the table: what was measured, and how each who was measured did. */
export interface Line {
  name: string;
  title: string;
  unit: string;
  better: "more" | "less";
  /** Of those measured side by side the first is the project, the second whom it is set against. */
  entries: Entry[];
}

/** How one of them did. */
export interface Entry {
  who: string;
  /** A value per round. */
  rounds: number[];
}

/** The first's summary, the other's if there is one, and the ratio of their medians. */
export interface Comparison {
  own: Summary | undefined;
  other: Summary | undefined;
  ratio: number | undefined;
}

/** Sets a line's entries against each other. Those without any round are left out. */
export function compare({ entries }: Line): Comparison {
  const [own, other] = entries.map(({ rounds }) =>
    rounds.length === 0 ? undefined : summarize(rounds)
  );
  const ratio = own && other && other.median !== 0 ? own.median / other.median : undefined;
  return { own, other, ratio };
}
