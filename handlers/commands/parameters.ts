import { CodedError, isPort } from "../../base/mod.ts";
import type { Schema } from "./schema.ts";

/** What kind of value a parameter takes. A duration is in milliseconds. */
export type ParameterKind =
  | "boolean"
  | "integer"
  | "port"
  | "duration"
  | "string"
  | "strings"
  | "workers";

/** Workers, by their ports, or all there are. */
export type WorkerTarget = readonly number[] | "all";

/** Runs a command without parameters in the manager that a parameter is for. */
export type Ask = <Result>(
  command: { readonly name: string; readonly result: Schema<Result> },
) => Promise<Result>;

/** One named parameter of a command. */
export interface ParameterSpec {
  readonly kind: ParameterKind;
  /** One line, for help. */
  readonly summary: string;
  readonly required?: boolean;
  /** The words that a text may be. */
  readonly choices?: readonly string[];
  /** How long a text may be, in UTF-16 code units; it has one at least then. */
  readonly maxLength?: number;
  /** What a boolean is where it is not given. */
  readonly default?: boolean;
  /** The least and the most that a number may be. */
  readonly range?: readonly [min: number, max: number];
  /** Its flag on the command line, where that is not its name. */
  readonly flag?: string;
  /** Whether it is typed without a flag. A list takes all words, and can only be the last one. */
  readonly positional?: boolean;
  /** What stands for its value in help. */
  readonly placeholder?: string;
  /** The values there are to choose from, as they are typed. */
  readonly complete?: (ask: Ask) => Promise<readonly string[]>;
}

/** The parameters of a command, by name, in the order of help. */
export type ParameterSpecs = Readonly<Record<string, ParameterSpec>>;

interface ValueOf {
  boolean: boolean;
  integer: number;
  port: number;
  duration: number;
  string: string;
  strings: readonly string[];
  workers: WorkerTarget;
}

/** Always there: given, or by default. */
type Certain = { readonly required: true } | { readonly default: boolean };

/** The checked values that belong to a command's {@linkcode ParameterSpecs}. */
export type ParametersOf<S extends ParameterSpecs> = {
  readonly [K in keyof S]: S[K] extends Certain ? ValueOf[S[K]["kind"]]
    : ValueOf[S[K]["kind"]] | undefined;
};

/** Parameters that a command does not have, does not take, or cannot do without. */
export class InvalidParametersError extends CodedError {
  readonly code = "usage";
}

/**
 * Checks parameters that came from elsewhere, and fills in defaults.
 *
 * @param command Name of the command, for messages.
 * @param value An object with the parameters by name; `undefined` stands for an empty one.
 * @throws {InvalidParametersError} If one is unknown, missing or of the wrong kind.
 */
export function checkParameters<S extends ParameterSpecs>(
  command: string,
  specs: S,
  value: unknown,
): ParametersOf<S> {
  const given = asRecord(command, value);
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(specs, name)) {
      throw new InvalidParametersError(`Cannot run ${command}: it has no parameter "${name}"`);
    }
  }
  for (const [name, spec] of Object.entries(specs)) {
    if (given[name] !== undefined) checkValue(command, name, spec, given[name]);
    else if (spec.required) {
      throw new InvalidParametersError(`Cannot run ${command}: parameter "${name}" is missing`);
    } else if (spec.default !== undefined) given[name] = spec.default;
  }
  return given as ParametersOf<S>;
}

/** What messages say is wanted. */
const WANTED = {
  boolean: "of kind boolean",
  integer: "of kind integer",
  port: "of kind integer",
  duration: "of kind integer",
  string: "of kind string",
  strings: "a list of strings",
  workers: 'a list of ports, or "all"',
} as const satisfies Record<ParameterKind, string>;

function asRecord(command: string, value: unknown): Record<string, unknown> {
  if (value === undefined) return {};
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new InvalidParametersError(`Cannot run ${command}: parameters must be an object`);
}

function checkValue(
  command: string,
  name: string,
  { kind, choices, maxLength, range: [min, max] = [-Infinity, Infinity] }: ParameterSpec,
  value: unknown,
): void {
  if (!isKind(kind, value)) {
    const message = `Cannot run ${command}: parameter "${name}" must be ${WANTED[kind]}`;
    throw new InvalidParametersError(message);
  }
  if (kind === "port" && !isPort(value)) {
    throw new InvalidParametersError(`Cannot run ${command}: ${value} is no port`);
  }
  if (choices !== undefined && !choices.includes(String(value))) {
    const message = `Cannot run ${command}: parameter "${name}" must be one of ${
      choices.join(", ")
    }`;
    throw new InvalidParametersError(message);
  }
  if (maxLength !== undefined && (value === "" || String(value).length > maxLength)) {
    const message =
      `Cannot run ${command}: parameter "${name}" must have 1 to ${maxLength} characters`;
    throw new InvalidParametersError(message);
  }
  if (typeof value === "number" && (value < min || value > max)) {
    const message = `Cannot run ${command}: parameter "${name}" must be between ${min} and ${max}`;
    throw new InvalidParametersError(message);
  }
}

function isKind(kind: ParameterKind, value: unknown): boolean {
  switch (kind) {
    case "boolean":
      return typeof value === "boolean";
    case "integer":
    case "port":
    case "duration":
      return Number.isSafeInteger(value);
    case "string":
      return typeof value === "string";
    case "strings":
      return Array.isArray(value) && value.every((item) => typeof item === "string");
    case "workers":
      return value === "all" || isPorts(value);
  }
}

function isPorts(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isPort);
}
