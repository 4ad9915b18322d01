import { CodedError } from "./coded_error.ts";
/** An option that cannot be used, or one that does not exist. */
export class InvalidOptionError extends CodedError {
  readonly code = "invalid-option";
}

/** Something for each option of a type, so that one which is added there is missed here. */
export type OptionNames<Options, Value = true> = Readonly<
  Record<Options extends unknown ? keyof Options : never, Value>
>;

/** The longest time that a timer takes, in milliseconds; it takes a longer one for none at all. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Refuses options that do not exist: one that is misspelt would count as left out.
 *
 * @param action What cannot be done then, like `Cannot connect`.
 * @throws {InvalidOptionError}
 */
export function checkOptions<Options>(
  action: string,
  options: unknown,
  names: OptionNames<Options, unknown>,
): void {
  if (typeof options !== "object" || options === null) {
    throw new InvalidOptionError(`${action}: an object with options is wanted`);
  }
  for (const name in options) {
    if (Object.hasOwn(names, name)) continue;
    const known = Object.keys(names);
    const meant = known.find((other) => other.toLowerCase() === name.toLowerCase());
    const advice = meant === undefined ? `there are ${known.join(", ")}` : `it is called ${meant}`;
    throw new InvalidOptionError(
      `${action}: there is no option ${JSON.stringify(name)}; ${advice}`,
    );
  }
}

/**
 * Checks a whole number, where one is given.
 *
 * @throws {InvalidOptionError} It is none, or not between `min` and `max`.
 */
export function checkWhole(
  action: string,
  name: string,
  value: unknown,
  min: number,
  max: number,
): void {
  if (value === undefined) return;
  if (Number.isInteger(value) && Number(value) >= min && Number(value) <= max) return;
  throw new InvalidOptionError(
    `${action}: ${name} must be a whole number from ${min} to ${max}, not ${shown(value)}`,
  );
}

/**
 * Checks a text that must be there.
 *
 * @throws {InvalidOptionError} It is missing, empty, too long, or something else.
 */
export function checkText(
  action: string,
  name: string,
  value: unknown,
  maxLength = Infinity,
): asserts value is string {
  if (typeof value !== "string" || value === "") {
    throw new InvalidOptionError(`${action}: ${name} must be a text that is not empty`);
  }
  if (value.length <= maxLength) return;
  throw new InvalidOptionError(
    `${action}: ${name} has ${value.length} characters, and ${maxLength} are the most`,
  );
}

/**
 * Checks a word, where one is given.
 *
 * @throws {InvalidOptionError} It is not among those that there are.
 */
export function checkWord(
  action: string,
  name: string,
  value: unknown,
  words: readonly string[],
): void {
  if (value === undefined || words.some((word) => word === value)) return;
  throw new InvalidOptionError(
    `${action}: ${name} must be ${words.map(shown).join(" or ")}, not ${shown(value)}`,
  );
}

function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
