import { isAbsolute } from "node:path";
import { ARGUMENT_NAME, parseTemplate } from "./action_template.ts";

/** What an argument takes: one of some words, a number in a range, or the name of a stored file. */
export type ActionArgument =
  & {
    /** What it is where nothing is said; without, it has to be said. */
    readonly default?: string | number;
  }
  & (
    | { readonly choices: readonly string[] }
    | {
      readonly min: number;
      readonly max: number;
      /** Whether it has to be a whole number; so by default. */
      readonly integer?: boolean;
    }
    | { readonly file: true }
  );

/** A program that clients may have run. */
export interface ActionDefinition {
  /** The program's absolute path, and its arguments; `{name}` in one of these stands for an argument. */
  readonly command: readonly string[];
  /** How long it may take, in milliseconds; 60,000 by default. */
  readonly timeoutMs?: number;
  /** The arguments that may be given, by name. */
  readonly arguments?: Readonly<Record<string, ActionArgument>>;
  /** Absolute path of the directory that it runs in; by default the system's topmost. */
  readonly directory?: string;
  /** How much of its output reaches the client, in bytes; 16 MiB by default. */
  readonly maxOutputBytes?: number;
}

/** Actions by their names. */
export type Actions = Readonly<Record<string, ActionDefinition>>;

/** Where no time is configured. */
export const DEFAULT_ACTION_TIMEOUT_MS = 60_000;

/** Where no bound is configured. */
export const DEFAULT_ACTION_OUTPUT_BYTES: number = 16 * 2 ** 20;

/** How many actions may run at once in a worker, where nothing is configured. */
export const DEFAULT_MAX_ACTIONS = 4;

/** What is wrong with the definition of actions. */
export interface ActionMistake {
  /** The keys that lead to it. */
  readonly path: readonly (string | number)[];
  /** What is wanted there, to follow "must be". */
  readonly wanted: string;
  /** Whether the last key should not be there. */
  readonly unknownKey?: true;
}

/** The most of each, so that a definition fits into what a worker is told, and a list into an answer. */
const MAX_ACTIONS = 100;
const MAX_ARGUMENTS = 20;
const MAX_CHOICES = 100;
const MAX_ITEMS = 200;
const MAX_TEXT = 4096;
const MAX_CHOICE = 200;

/** A day: no action takes longer. */
export const MAX_ACTION_TIMEOUT_MS = 86_400_000;

const ACTION_NAME = /^[a-z][a-z0-9-]{0,63}$/;

/** Programs that Windows hands to a shell, which takes arguments apart in its own way. */
const SCRIPT = /\.(?:bat|cmd)[. ]*$/i;

type Path = ActionMistake["path"];
type Values = Readonly<Record<string, unknown>>;
type Check = (value: unknown, path: Path) => ActionMistake | undefined;

const KEYS: Readonly<Record<keyof ActionDefinition, Check>> = {
  command: commandMistake,
  timeoutMs: (value, path) => wholeMistake(value, path, 1, MAX_ACTION_TIMEOUT_MS),
  arguments: argumentsMistake,
  directory: pathMistake,
  maxOutputBytes: (value, path) => wholeMistake(value, path, 0, Number.MAX_SAFE_INTEGER),
};

/** Looks for what is wrong with actions that somebody else has defined; `undefined` if nothing is. */
export function findActionMistake(actions: unknown): ActionMistake | undefined {
  if (!isMap(actions)) return { path: [], wanted: "an object with actions by their names" };
  const names = Object.keys(actions);
  if (names.length > MAX_ACTIONS) return { path: [], wanted: `at most ${MAX_ACTIONS} actions` };
  const wanted = "a name of lower-case letters, digits and dashes that begins with a letter";
  return first(
    names,
    (name) =>
      ACTION_NAME.test(name)
        ? actionMistake(actions[name], [name])
        : { path: [name], wanted, unknownKey: true },
  );
}

function actionMistake(action: unknown, path: Path): ActionMistake | undefined {
  if (!isMap(action)) return { path, wanted: "an object with the key command" };
  const checked = keysMistake(action, path, Object.keys(KEYS)) ??
    first(
      Object.entries(KEYS),
      ([key, check]) =>
        key === "command" || action[key] !== undefined
          ? check(action[key], [...path, key])
          : undefined,
    );
  return checked ?? placeholderMistake(action as unknown as ActionDefinition, path);
}

function commandMistake(command: unknown, path: Path): ActionMistake | undefined {
  const wanted = `a list of a program's absolute path and up to ${MAX_ITEMS - 1} arguments`;
  if (!Array.isArray(command) || command.length === 0 || command.length > MAX_ITEMS) {
    return { path, wanted };
  }
  return pathMistake(command[0], [...path, 0]) ??
    (SCRIPT.test(command[0])
      ? { path: [...path, 0], wanted: "a program, and no script that Windows runs in a shell" }
      : first(
        command.slice(1).entries(),
        ([index, item]) =>
          isItem(item) ? undefined : { path: [...path, index + 1], wanted: ITEM_WANTED },
      ));
}

/** Each placeholder has an argument, and each argument a placeholder. */
function placeholderMistake(
  { command, arguments: declared = {} }: ActionDefinition,
  path: Path,
): ActionMistake | undefined {
  const used = new Set<string>();
  for (const [index, item] of command.entries()) {
    if (index === 0) continue;
    const at = [...path, "command", index];
    try {
      for (const part of parseTemplate(item)) if ("argument" in part) used.add(part.argument);
    } catch {
      return { path: at, wanted: "text in which {name} is an argument, and {{ and }} are braces" };
    }
    const unknown = [...used].find((name) => !Object.hasOwn(declared, name));
    if (unknown !== undefined) {
      return { path: at, wanted: `text with placeholders of declared arguments, not {${unknown}}` };
    }
  }
  const idle = Object.keys(declared).find((name) => !used.has(name));
  if (idle === undefined) return undefined;
  return { path: [...path, "arguments", idle], wanted: `used in command, as {${idle}}` };
}

function argumentsMistake(declared: unknown, path: Path): ActionMistake | undefined {
  if (!isMap(declared)) return { path, wanted: "an object with arguments by their names" };
  const names = Object.keys(declared);
  if (names.length > MAX_ARGUMENTS) return { path, wanted: `at most ${MAX_ARGUMENTS} arguments` };
  const wanted = "a name of letters, digits, dashes and underscores that begins with a letter";
  return first(
    names,
    (name) =>
      ARGUMENT_NAME.test(name)
        ? argumentMistake(declared[name], [...path, name])
        : { path: [...path, name], wanted, unknownKey: true },
  );
}

function argumentMistake(argument: unknown, path: Path): ActionMistake | undefined {
  const wanted = "an object with one of choices, min and max, and file";
  if (!isMap(argument)) return { path, wanted };
  const kinds = ["choices", "min", "file"].filter((key) => argument[key] !== undefined);
  if (kinds.length !== 1) return { path, wanted };
  const mistake = kinds[0] === "choices"
    ? choicesMistake(argument, path)
    : kinds[0] === "min"
    ? rangeMistake(argument, path)
    : fileMistake(argument, path);
  if (mistake !== undefined || argument.default === undefined) return mistake;
  return defaultMistake(argument, [...path, "default"]);
}

function choicesMistake(argument: Values, path: Path): ActionMistake | undefined {
  const { choices } = argument;
  const at = [...path, "choices"];
  const wanted = `a list of 1 to ${MAX_CHOICES} different texts`;
  return keysMistake(argument, path, ["choices", "default"]) ??
    (!Array.isArray(choices) || choices.length === 0 || choices.length > MAX_CHOICES ||
        new Set(choices).size < choices.length
      ? { path: at, wanted }
      : first(
        choices.entries(),
        ([index, choice]) =>
          isText(choice, MAX_CHOICE)
            ? undefined
            : { path: [...at, index], wanted: textWanted(MAX_CHOICE) },
      ));
}

function rangeMistake(argument: Values, path: Path): ActionMistake | undefined {
  const { min, max, integer } = argument;
  const mistake = keysMistake(argument, path, ["min", "max", "integer", "default"]) ??
    numberMistake(min, [...path, "min"]) ?? numberMistake(max, [...path, "max"]);
  if (mistake !== undefined) return mistake;
  if (Number(max) < Number(min)) return { path: [...path, "max"], wanted: "no less than min" };
  if (integer === undefined || typeof integer === "boolean") return undefined;
  return { path: [...path, "integer"], wanted: "true or false" };
}

function fileMistake(argument: Values, path: Path): ActionMistake | undefined {
  return keysMistake(argument, path, ["file", "default"]) ??
    (argument.file === true ? undefined : { path: [...path, "file"], wanted: "true" });
}

function defaultMistake(argument: Values, path: Path): ActionMistake | undefined {
  const { default: value, choices } = argument;
  if (Array.isArray(choices)) {
    return choices.includes(value) ? undefined : { path, wanted: "one of the choices" };
  }
  if (argument.file === true) {
    return isText(value, MAX_TEXT) && value !== ""
      ? undefined
      : { path, wanted: "the name of a stored file" };
  }
  const range = argument as unknown as { min: number; max: number; integer?: boolean };
  return typeof value === "number" && numberText(range, value) !== undefined
    ? undefined
    : { path, wanted: rangeWanted(range) };
}

/** The text of a number, if it is one and in the range. */
export function numberText(
  { min, max, integer = true }: { min: number; max: number; integer?: boolean },
  given: string | number,
): string | undefined {
  const text = String(given);
  const form = integer ? /^-?(?:0|[1-9]\d{0,15})$/ : /^-?(?:0|[1-9]\d{0,15})(?:\.\d{1,15})?$/;
  const value = Number(text);
  return form.test(text) && !Object.is(value, -0) && value >= min && value <= max
    ? text
    : undefined;
}

/** What is wanted of a number, for messages. */
export function rangeWanted(
  { min, max, integer = true }: { min: number; max: number; integer?: boolean },
): string {
  return `a ${integer ? "whole number" : "number"} from ${min} to ${max}`;
}

function keysMistake(
  value: Values,
  path: Path,
  keys: readonly string[],
): ActionMistake | undefined {
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown === undefined) return undefined;
  const wanted = `one of the keys ${keys.join(", ")}`;
  return { path: [...path, unknown], wanted, unknownKey: true };
}

function wholeMistake(
  value: unknown,
  path: Path,
  min: number,
  max: number,
): ActionMistake | undefined {
  if (Number.isInteger(value) && Number(value) >= min && Number(value) <= max) return undefined;
  const wanted = max === Number.MAX_SAFE_INTEGER
    ? `a whole number from ${min}`
    : `a whole number from ${min} to ${max}`;
  return { path, wanted };
}

function numberMistake(value: unknown, path: Path): ActionMistake | undefined {
  if (typeof value === "number" && Math.abs(value) <= 1e15) return undefined;
  return { path, wanted: "a number from -1e15 to 1e15" };
}

function pathMistake(value: unknown, path: Path): ActionMistake | undefined {
  if (isText(value, MAX_TEXT) && isAbsolute(value)) return undefined;
  return { path, wanted: "an absolute path" };
}

const ITEM_WANTED = `text of at most ${MAX_TEXT} characters, without the character NUL`;

/** A program takes no argument with a NUL in it. */
function isItem(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_TEXT && !value.includes("\0");
}

/** Line breaks and the like have no place in paths, nor in what clients choose from. */
function isText(value: unknown, maxLength: number): value is string {
  // deno-lint-ignore no-control-regex
  return typeof value === "string" && value.length <= maxLength && !/[\0-\x1f\x7f]/.test(value);
}

function textWanted(maxLength: number): string {
  return `text of at most ${maxLength} characters, without control characters`;
}

function isMap(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function first<Item>(
  items: Iterable<Item>,
  look: (item: Item) => ActionMistake | undefined,
): ActionMistake | undefined {
  for (const item of items) {
    const mistake = look(item);
    if (mistake !== undefined) return mistake;
  }
  return undefined;
}
