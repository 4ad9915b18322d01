import { MAX_STREAMS } from "../base/max_streams.ts";
import { isPort } from "../base/mod.ts";
import { BYTE_RATE_WANTED, parseByteRate } from "../base/byte_rate_text.ts";
import { UsageError } from "./errors.ts";

/** `--json`, which every command takes. */
export const jsonFlag = {
  kind: "boolean",
  brief: "Print one JSON value, errors too",
  default: false,
  withNegated: false,
} as const;

/** `--watch`, of commands whose answer changes by itself. */
export const watchFlag = {
  kind: "boolean",
  brief: "Show it again every second, until Ctrl-C",
  default: false,
  withNegated: false,
} as const;

/** `--instance`, which every command that looks at this machine takes. */
export const instanceFlag = {
  kind: "parsed",
  parse: parseText,
  brief: "Which of this machine's managers is meant",
  placeholder: "NAME",
  optional: true,
} as const;

/** `--port`, of commands that ask one worker. */
export const portFlag = {
  kind: "parsed",
  parse: parsePort,
  brief: "Ask this machine's worker on this port; by default the one with the least to do",
  placeholder: "PORT",
  optional: true,
} as const;

/** What to do about a file that is already there. */
export const overwriteFlag = {
  kind: "enum",
  values: ["never", "always", "newer"],
  brief: "Replace a file that is already there",
  default: "never",
} as const;

/** For commands that transfer files. */
export const verboseFlag = {
  kind: "boolean",
  brief: "Say of each file as well what held it up, and how the network is",
  default: false,
  withNegated: false,
} as const;

/** For commands that transfer files, and for scripts. */
export const quietFlag = {
  kind: "boolean",
  brief: "Say nothing of what succeeds, and show no progress",
  default: false,
  withNegated: false,
} as const;

/** For commands that change many files. */
export const dryRunFlag = {
  kind: "boolean",
  brief: "Change nothing, only say what would be done",
  default: false,
  withNegated: false,
} as const;

/** Whether to go on where an earlier call was interrupted. */
export const resumeFlag = {
  kind: "boolean",
  brief: "Go on where an earlier call was interrupted",
  default: true,
} as const;

/** Over how many connections each large file goes. */
export const streamsFlag = {
  kind: "parsed",
  parse: wholeNumber(1, MAX_STREAMS),
  brief: "Copy each file of more than 8 MiB over so many connections (default: 1)",
  placeholder: "N",
  optional: true,
} as const;

/**
 * For how long to try again.
 *
 * @param usual What holds where it is not given, as people write it.
 */
export function retryFlag(usual: string) {
  return {
    kind: "parsed",
    parse: parseDuration,
    brief: `Try for so long to connect again; if given, at the start as well (default: ${usual})`,
    placeholder: "TIME",
    optional: true,
  } as const;
}

/** Takes an argument as it is, unless it is empty. */
export function parseText(text: string): string {
  if (text === "") throw new UsageError("a value is wanted");
  return text;
}

/** A parser of whole numbers from `min` to `max`. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new UsageError(`a whole number from ${min} to ${max} is wanted`);
  };
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const DAY_MS = 24 * 3_600_000;

/** A time span as people write it, in milliseconds. */
export function parseDuration(text: string): number {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const ms = Math.round(Number(number) * (UNIT_MS[unit] ?? NaN));
  if (ms <= DAY_MS) return ms;
  throw new UsageError("a time up to 24h is wanted, written like 500ms, 30s, 5m or 1h");
}

/** Bytes in a second; 0 for any number. */
export function parseRate(text: string): number {
  const bytesPerSecond = parseByteRate(text);
  if (bytesPerSecond !== undefined) return bytesPerSecond;
  throw new UsageError(`a rate is wanted, ${BYTE_RATE_WANTED}`);
}

/** The port of a worker. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && isPort(port)) return port;
  throw new UsageError("a port from 1 to 65535 is wanted");
}

/** A flag's name as it is typed: `onManagerLoss` is `on-manager-loss`. */
export function typedName(flag: string): string {
  return flag.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
