import { isPort } from "../../base/mod.ts";

/** What kind of value a parameter takes. */
export type ParameterKind = "boolean" | "integer" | "string" | "strings" | "workers";

/** Workers, by their ports, or all there are. */
export type WorkerTarget = readonly number[] | "all";

/** One named parameter of a command: for checking it, and for help and completion. */
export interface ParameterSpec {
  readonly kind: ParameterKind;
  readonly summary: string;
  readonly required?: boolean;
}

/** The parameters of a command, by name. */
export type ParameterSpecs = Readonly<Record<string, ParameterSpec>>;

interface ValueOf {
  boolean: boolean;
  integer: number;
  string: string;
  strings: readonly string[];
  workers: WorkerTarget;
}

/** The checked values that belong to a command's {@linkcode ParameterSpecs}. */
export type ParametersOf<S extends ParameterSpecs> = {
  readonly [K in keyof S]: S[K] extends { readonly required: true } ? ValueOf[S[K]["kind"]]
    : ValueOf[S[K]["kind"]] | undefined;
};

/** Parameters that a command does not have, does not take, or cannot do without. */
export class InvalidParametersError extends Error {
  override readonly name = "InvalidParametersError";
  readonly code = "usage";
}

/**
 * Checks parameters that came from elsewhere.
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
    const present = given[name] !== undefined;
    if (!present && spec.required) {
      throw new InvalidParametersError(`Cannot run ${command}: parameter "${name}" is missing`);
    }
    if (present && !isKind(spec.kind, given[name])) {
      const message = `Cannot run ${command}: parameter "${name}" must be ${WANTED[spec.kind]}`;
      throw new InvalidParametersError(message);
    }
  }
  return given as ParametersOf<S>;
}

/** Checks a port. @throws {InvalidParametersError} If it is none. */
export function checkPort(command: string, port: number): number {
  if (isPort(port)) return port;
  throw new InvalidParametersError(`Cannot run ${command}: ${port} is no port`);
}

/** What messages say is wanted. */
const WANTED = {
  boolean: "of kind boolean",
  integer: "of kind integer",
  string: "of kind string",
  strings: "a list of strings",
  workers: 'a list of ports, or "all"',
} as const satisfies Record<ParameterKind, string>;

function asRecord(command: string, value: unknown): Record<string, unknown> {
  if (value === undefined) return {};
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new InvalidParametersError(`Cannot run ${command}: parameters must be an object`);
}

function isKind(kind: ParameterKind, value: unknown): boolean {
  switch (kind) {
    case "boolean":
      return typeof value === "boolean";
    case "integer":
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
