import { badField, type Fields, fieldsOf, hasField, integerField, textField } from "./fields.ts";

/** Longest name of an action or of one of its arguments, in UTF-16 code units. */
const MAX_ACTION_NAME = 64;

/** Longest text of an argument. */
const MAX_ARGUMENT = 4096;

/** Most arguments of an action. */
const MAX_ARGUMENTS = 20;

/** What an argument of an action takes. */
export type ActionArgumentInfo =
  & {
    name: string;
    /** What it is where nothing is said; without, it has to be said. */
    default?: string | number;
  }
  & (
    | { kind: "choice"; choices: string[] }
    | { kind: "number"; min: number; max: number; integer: boolean }
    | { kind: "file" }
  );

/** An action that may be run. */
export interface ActionInfo {
  name: string;
  /** How long it may take, in milliseconds. */
  timeoutMs: number;
  arguments: ActionArgumentInfo[];
}

/** The values of an action's arguments, by name. */
export type ActionArguments = Record<string, string | number>;

/** Why an action was ended, where it did not end by itself. */
export const ACTION_ENDS = ["deadline", "cancelled", "leaving"] as const;

/** How an action ended. */
export interface ActionOutcome {
  /** Its exit code; missing where a signal ended it. */
  exitCode?: number;
  /** The signal that ended it, like `SIGKILL`. */
  signal?: string;
  /** Why it was ended: its time was over, the client did not want it any more, or the worker had to leave. */
  ended?: typeof ACTION_ENDS[number];
  /** How long it took, in milliseconds. */
  ms: number;
  /** How many bytes it wrote that are not in the answer, since they were too many. */
  dropped: number;
}

/**
 * A part of what an action comes to. One without anything only shows that the action goes on.
 */
export interface ActionOutput {
  /** What the action wrote to its standard output: whole lines, where they are not too long. */
  stdout?: Uint8Array;
  /** The same of its standard error. */
  stderr?: Uint8Array;
  /** How it ended; the last part. */
  outcome?: ActionOutcome;
}

/** The name of an action or of an argument. @throws {ProtocolError} `bad-body`. */
export function actionNameField(fields: Fields, field: string): string {
  return textField(fields, field, MAX_ACTION_NAME);
}

/** The field `arguments` of a request; none, if it is not there. @throws {ProtocolError} `bad-body`. */
export function argumentsField(fields: Fields): ActionArguments {
  if (!hasField(fields, "arguments")) return {};
  const given = fieldsOf(fields.arguments, 'Field "arguments"');
  const names = Object.keys(given);
  if (names.length > MAX_ARGUMENTS || names.some((name) => name.length > MAX_ACTION_NAME)) {
    throw badField("arguments", `a map of at most ${MAX_ARGUMENTS} arguments`, given);
  }
  return Object.fromEntries(names.map((name) => [name, valueField(given, name)]));
}

/** What an answer says of an action. @throws {ProtocolError} `bad-body`. */
export function parseActionInfo(value: unknown): ActionInfo {
  const fields = fieldsOf(value, "An action");
  const { arguments: list } = fields;
  if (!Array.isArray(list) || list.length > MAX_ARGUMENTS) {
    throw badField("arguments", "an array", list);
  }
  return {
    name: actionNameField(fields, "name"),
    timeoutMs: integerField(fields, "timeoutMs", 1, Number.MAX_SAFE_INTEGER),
    arguments: list.map(parseArgumentInfo),
  };
}

/** A part of what an action comes to. @throws {ProtocolError} `bad-body`. */
export function parseActionOutput(value: unknown): ActionOutput {
  const fields = fieldsOf(value);
  const output: ActionOutput = {};
  if (hasField(fields, "stdout")) output.stdout = bytesField(fields, "stdout");
  if (hasField(fields, "stderr")) output.stderr = bytesField(fields, "stderr");
  if (hasField(fields, "outcome")) output.outcome = parseOutcome(fields.outcome);
  return output;
}

function bytesField(fields: Fields, field: string): Uint8Array {
  const value = fields[field];
  if (value instanceof Uint8Array) return value;
  throw badField(field, "binary", value);
}

function parseOutcome(value: unknown): ActionOutcome {
  const fields = fieldsOf(value, "An outcome");
  const outcome: ActionOutcome = {
    ms: integerField(fields, "ms", 0, Number.MAX_SAFE_INTEGER),
    dropped: integerField(fields, "dropped", 0, Number.MAX_SAFE_INTEGER),
  };
  if (hasField(fields, "exitCode")) {
    outcome.exitCode = integerField(fields, "exitCode", -0x8000_0000, 0xFFFF_FFFF);
  }
  if (hasField(fields, "signal")) outcome.signal = textField(fields, "signal", MAX_ACTION_NAME);
  const ended = ACTION_ENDS.find((word) => word === fields.ended);
  if (ended !== undefined) outcome.ended = ended;
  return outcome;
}

function parseArgumentInfo(value: unknown): ActionArgumentInfo {
  const fields = fieldsOf(value, "An argument");
  const base = {
    name: actionNameField(fields, "name"),
    ...(hasField(fields, "default") ? { default: valueField(fields, "default") } : {}),
  };
  switch (fields.kind) {
    case "choice":
      return { ...base, kind: "choice", choices: choicesField(fields) };
    case "number": {
      const { min, max, integer } = fields;
      if (typeof min !== "number" || typeof max !== "number") {
        throw badField("min", "a number with a max", min);
      }
      return { ...base, kind: "number", min, max, integer: integer === true };
    }
    case "file":
      return { ...base, kind: "file" };
  }
  throw badField("kind", "one of choice, number, file", fields.kind);
}

function choicesField(fields: Fields): string[] {
  const { choices } = fields;
  if (Array.isArray(choices)) {
    return choices.map((choice) => textField({ choices: choice }, "choices", MAX_ARGUMENT));
  }
  throw badField("choices", "an array", choices);
}

function valueField(fields: Fields, field: string): string | number {
  const value = fields[field];
  if (typeof value === "number" && Number.isFinite(value)) return value;
  return textField(fields, field, MAX_ARGUMENT);
}
