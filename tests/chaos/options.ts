import { parseArgs } from "node:util";

/** What a run is to be. */
export interface ChaosOptions {
  /** How long to disturb, in seconds. */
  seconds: number;
  /** Decides what is done, and when. */
  seed: number;
  /** Where to write what the managers said; nowhere by default. */
  log?: string;
}

export const USAGE = "Usage: deno task chaos [--seconds N] [--seed N] [--log FILE]";

/** The command line cannot be understood. */
export class OptionError extends Error {
  override readonly name = "OptionError";
  readonly code = "usage";
}

/** @throws {OptionError} */
export function parseOptions(args: string[]): ChaosOptions {
  const values = parse(args);
  const seed = Math.floor(Math.random() * 2 ** 32);
  return {
    seconds: wholeNumber("--seconds", values.seconds ?? "60"),
    seed: wholeNumber("--seed", values.seed ?? String(seed)),
    ...(values.log === undefined ? {} : { log: values.log }),
  };
}

function parse(args: string[]) {
  const options = {
    seconds: { type: "string" },
    seed: { type: "string" },
    log: { type: "string" },
  } as const;
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(flag: string, text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new OptionError(`Cannot use ${flag} ${text}: not a whole number`);
}
