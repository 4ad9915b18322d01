import { InvalidParametersError, type ParameterSpec } from "./parameters.ts";

/** The most that one answer lists: it has to fit into a line of the control endpoint. */
const MAX_LISTED = 1000;

/** How many digits of an id are enough. */
const MIN_DIGITS = 4;

/** How many of a list are wanted, and from where on. */
export const listingParameters = {
  limit: {
    kind: "integer",
    summary: `Show so many at most; ${MAX_LISTED} by default`,
    range: [1, MAX_LISTED],
  },
  skip: {
    kind: "integer",
    summary: "Leave out so many at the beginning",
    range: [0, Number.MAX_SAFE_INTEGER],
  },
} as const satisfies Readonly<Record<string, ParameterSpec>>;

/** That part of a list. */
export function listed<Item>(
  items: readonly Item[],
  { limit = MAX_LISTED, skip = 0 }: { limit?: number | undefined; skip?: number | undefined },
): Item[] {
  return items.slice(skip, skip + limit);
}

/** Says that there are more than are shown; nothing if there are not. */
export function moreThan(shown: number, total: number, what: string): string[] {
  return shown < total ? [`${shown} of ${total} ${what}; --limit and --skip show others`] : [];
}

/** Says which workers have told nothing; nothing if all have. */
export function silence(ports: readonly number[]): string[] {
  if (ports.length === 0) return [];
  return [`No answer from worker${ports.length > 1 ? "s" : ""} ${ports.join(", ")}`];
}

/** Checks the beginning of an id. @throws {InvalidParametersError} It is none, or too short. */
export function checkDigits(command: string, name: string, id: string): void {
  if (/^[0-9a-f]*$/.test(id) && id.length >= MIN_DIGITS) return;
  throw new InvalidParametersError(
    `Cannot run ${command}: "${name}" must be ${MIN_DIGITS} or more of an id's hexadecimal digits`,
  );
}

/** Why the operator does something, for the client to show. */
export const reasonParameter = {
  kind: "string",
  summary: "What its client is told of it",
  placeholder: "TEXT",
  maxLength: 200,
} as const satisfies ParameterSpec;
