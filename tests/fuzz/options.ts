import { parseArgs } from "node:util";

/** What a run is to be. */
export interface FuzzOptions {
  /** How many cases there are. */
  cases: number;
  /** Decides what each of them is. */
  seed: number;
  /** The first and the last case that are tried; all by default. */
  only?: { first: number; last: number };
  /** Where to write what the server said; nowhere by default. */
  log?: string;
}

export const USAGE =
  "Usage: deno task fuzz [--cases N] [--seed N] [--only FIRST[-LAST]] [--log FILE]";

/** The command line cannot be understood. */
export class OptionError extends Error {
  override readonly name = "OptionError";
  readonly code = "usage";
}

/** @throws {OptionError} */
export function parseOptions(args: string[]): FuzzOptions {
  const { cases, seed, only, log } = parse(args);
  const chosen = Math.floor(Math.random() * 2 ** 32);
  return {
    cases: wholeNumber("--cases", cases ?? "100000"),
    seed: wholeNumber("--seed", seed ?? String(chosen)),
    ...(only === undefined ? {} : { only: range(only) }),
    ...(log === undefined ? {} : { log }),
  };
}

function parse(args: string[]) {
  const options = {
    cases: { type: "string" },
    seed: { type: "string" },
    only: { type: "string" },
    log: { type: "string" },
  } as const;
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error));
  }
}

function range(text: string): { first: number; last: number } {
  const [first = "", last = first, ...more] = text.split("-");
  const found = { first: wholeNumber("--only", first), last: wholeNumber("--only", last) };
  if (more.length === 0 && found.first <= found.last) return found;
  throw new OptionError(`Cannot use --only ${text}: not a number, nor a range of them`);
}

function wholeNumber(flag: string, text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new OptionError(`Cannot use ${flag} ${text}: not a whole number`);
}
