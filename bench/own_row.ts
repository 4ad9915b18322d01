import type { BenchContext, Row } from "./context.ts";

/** A figure of msquicd alone, where less is better. */
export interface OwnFigure {
  /** What `--only` calls it. */
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  measure(context: BenchContext): Promise<number>;
}

/** The row of a figure that there is nothing to set against; not run by default. */
export function ownRow({ name, title, unit, measure }: OwnFigure): Row {
  return {
    name,
    byDefault: false,
    async run(context) {
      const rounds: number[] = [];
      try {
        rounds.push(await measure(context));
      } catch (error) {
        context.signal.throwIfAborted();
        context.skip(title, error);
      }
      return [{ name, title, unit, better: "less", entries: [{ who: "msquicd", rounds }] }];
    },
  };
}
