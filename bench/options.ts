import { parseArgs } from "node:util";
import { CodedError } from "../base/mod.ts";
import type { PathChoice } from "./network/paths.ts";

/** What the benchmarks are asked to do. */
export interface BenchOptions {
  /** Rounds that count, of each contestant. */
  rounds: number;
  /** Names of the rows to run; all if there are none. */
  only: readonly string[];
  /** Of the rows of networks: paths, how long a transfer is, and how often each is measured. */
  network: PathChoice & { seconds: number; rounds: number };
  /** Bytes to move, in memory, from file to file, and while a worker's memory is watched. */
  sizes: { memory: number; file: number; upload: number };
}

/** The command line makes no sense. */
export class OptionError extends CodedError {
  readonly code = "usage";
}

const MEBIBYTE = 1024 * 1024;
const DEFAULT_ROUNDS = 3;
const DEFAULT_NETWORK = { seconds: 10, rounds: 1 } as const;
const DEFAULT_SIZES = {
  memory: 256 * MEBIBYTE,
  file: 1024 * MEBIBYTE,
  upload: 2048 * MEBIBYTE,
} as const;

/** The usage, for people; `rows` are named in it. */
export function usage(rows: readonly { name: string }[]): string {
  const names = [...new Set(rows.map(({ name }) => name))].join(", ");
  return [
    "Usage: deno task bench [--rounds N] [--only NAME[,NAME]] [--size BYTES] [--upload BYTES]",
    "                       [--paths PART[,PART] | --full] [--seconds N]",
    "",
    "  --rounds N      rounds that count, after one to warm up; 3 by default",
    `  --only NAMES    only these, of: ${names};`,
    "                  those named network... only run if they are named",
    "  --size BYTES    how much to move; 256 MiB in memory and 1 GiB in a file by default",
    "  --upload BYTES  how long an upload a worker's memory is watched in; 2 GiB by default",
    "  --paths PARTS   of network: the paths whose names have one of these parts, such as 50ms- or",
    "                  100ms-1-200 (round trip, loss in percent, Mbit/s); four by default",
    "  --full          of network: all paths, which takes about two hours",
    "  --seconds N     of network: about how long each transfer takes; 10 by default. Each is done",
    "                  once, or as often as --rounds says",
    "  --help          this text",
  ].join("\n");
}

/**
 * Parses the command line.
 *
 * @param names The rows that there are.
 * @returns `undefined` if help is wanted.
 * @throws {OptionError}
 */
export function parseOptions(args: string[], names: readonly string[]): BenchOptions | undefined {
  const values = parse(args);
  if (values.help === true) return undefined;
  const size = values.size === undefined ? undefined : wholeNumber("size", values.size);
  const rounds = values.rounds === undefined ? undefined : wholeNumber("rounds", values.rounds);
  const { memory, file, upload } = DEFAULT_SIZES;
  return {
    rounds: rounds ?? DEFAULT_ROUNDS,
    only: values.only === undefined ? [] : parseNames(values.only, names),
    network: {
      paths: values.paths?.split(",") ?? [],
      full: values.full ?? false,
      seconds: values.seconds === undefined
        ? DEFAULT_NETWORK.seconds
        : wholeNumber("seconds", values.seconds),
      rounds: rounds ?? DEFAULT_NETWORK.rounds,
    },
    sizes: {
      memory: size ?? memory,
      file: size ?? file,
      upload: values.upload === undefined ? upload : wholeNumber("upload", values.upload),
    },
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        rounds: { type: "string" },
        only: { type: "string" },
        size: { type: "string" },
        upload: { type: "string" },
        paths: { type: "string" },
        full: { type: "boolean" },
        seconds: { type: "string" },
        help: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(option: string, text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= 1 && value <= Number.MAX_SAFE_INTEGER) return value;
  throw new OptionError(`Option --${option} takes a whole number from 1 up, not "${text}"`);
}

function parseNames(text: string, names: readonly string[]): string[] {
  const wanted = text.split(",").map((name) => name.trim());
  for (const name of wanted) {
    if (!names.includes(name)) {
      throw new OptionError(`There is no row "${name}"; there are ${names.join(", ")}`);
    }
  }
  return wanted;
}
