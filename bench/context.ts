import type { BenchCertificate } from "./certificate.ts";
import type { Line } from "./line.ts";
import type { BenchOptions } from "./options.ts";

/** What there is to run a row with. */
export interface BenchContext {
  readonly options: BenchOptions;
  /** A directory that is removed at the end. */
  readonly directory: string;
  readonly certificate: BenchCertificate;
  /** Aborts when all is to end. */
  readonly signal: AbortSignal;
  /** Tells people how it goes. */
  note(text: string): void;
  /** Tells people, and the results, what is not measured, and why. */
  skip(what: string, reason: unknown): void;
}

/** Something that can be measured. */
export interface Row {
  /** What `--only` calls it. */
  readonly name: string;
  /** Whether it is only run if it is named. */
  readonly apart?: boolean;
  /** The network path that it is about, if any: several rows have one name then. */
  readonly path?: string;
  run(context: BenchContext): Promise<Line[]>;
}
