import { UsageError } from "./errors.ts";

/** `--json`, which every command takes. */
export const jsonFlag = {
  kind: "boolean",
  brief: "Print one JSON value, errors too",
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

/** What to do about a file that is already there. */
export const overwriteFlag = {
  kind: "enum",
  values: ["never", "always", "newer"],
  brief: "Replace a file that is already there",
  default: "never",
} as const;

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
