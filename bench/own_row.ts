import type { BenchContext, Row } from "./context.ts";

/** A figure of msquicd alone, where less is better. */
export interface OwnFigure {
  /** What `--only` calls it. */
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  /** What it is not to exceed. */
  readonly bound: number;
  /** Whether to take it once, however many rounds are asked for. */
  readonly once?: boolean;
  measure(context: BenchContext): Promise<number>;
}

/** The row of a figure that there is nothing to set against. */
export function ownRow({ name, title, unit, bound, once, measure }: OwnFigure): Row {
  return {
    name,
    async run(context) {
      const rounds: number[] = [];
      try {
        const wanted = once ? 1 : context.options.rounds;
        while (rounds.length < wanted) rounds.push(await measure(context));
      } catch (error) {
        context.signal.throwIfAborted();
        context.skip(title, error);
      }
      return [{ name, title, unit, better: "less", bound, entries: [{ who: "msquicd", rounds }] }];
    },
  };
}
