import {
  AliasNotFoundError,
  ArgumentParseError,
  EnumValidationError,
  FlagNotFoundError,
  InvalidNegatedFlagSyntaxError,
  UnexpectedFlagError,
  UnexpectedPositionalError,
  UnsatisfiedFlagError,
  UnsatisfiedPositionalError,
} from "@stricli/core";
import type { UnknownCommand } from "../app.ts";
import { typedName } from "../flags.ts";
import type { NamedCommand } from "./command_at.ts";
import { describeError } from "../text/describe_error.ts";
import { printable } from "../text/format.ts";

/** What the parser takes for flags, with and without a value. */
const FLAG = /^--([a-z][a-z-.\d_]+)(?:=(.*))?$/is;
const LETTERS = /^-([a-z]+|[a-z]=.+)$/is;

/** Flags whose values nobody but their owner may see, not even in a message about them. */
const SECRET: ReadonlySet<string> = new Set(["token"]);

/**
 * Looks for words that begin with a dash, and would be taken for names because the parser does not take
 * them for flags.
 *
 * @param command The one that they begin with.
 * @returns What is wrong with them, if there are any.
 */
export function findOddFlag(words: readonly string[], command: NamedCommand): string | undefined {
  const end = words.indexOf("--");
  const rest = words.slice(command.length, end < 0 ? words.length : end);
  for (const [index, word] of rest.entries()) {
    if (!word.startsWith("-") || word === "-") continue;
    const [, flag, value] = FLAG.exec(word) ?? [];
    if (flag !== undefined && kindOf(command, flag) === "boolean" && value !== undefined) {
      return `--${flag} takes no value`;
    }
    if (flag !== undefined && takesValue(command, flag) && value === "") {
      return `--${flag} needs a value`;
    }
    if (flag !== undefined || LETTERS.test(word) || awaitsValue(command, rest[index - 1])) continue;
    return `There is no flag ${printable(word)}; a name that begins with a dash comes after --`;
  }
  return undefined;
}

/**
 * What is wrong with a command line.
 *
 * Nothing is repeated of it that could be a secret: neither the value of `--token`, nor a word that is
 * there without a reason.
 *
 * @param problem What the parser threw, or an {@linkcode UnknownCommand}.
 * @param command The one that the words begin with.
 */
export function describeUsage(
  problem: unknown,
  words: readonly string[],
  command: NamedCommand,
): string {
  if (problem instanceof FlagNotFoundError) {
    const { input, corrections } = problem;
    const at = words.findIndex((word) => FLAG.exec(word)?.[1] === input);
    if (awaitsValue(command, words[at - 1])) return needsValue(words[at - 1]);
    return `There is no flag --${printable(input)}${
      didYouMean(corrections.map((name) => `--${name}`))
    }`;
  }
  if (problem instanceof AliasNotFoundError) {
    const { input } = problem;
    const at = words.findIndex((word) => LETTERS.exec(word)?.[1]?.includes(input));
    if (awaitsValue(command, words[at - 1])) return needsValue(words[at - 1]);
    return `There is no flag -${input}`;
  }
  if (problem instanceof UnsatisfiedFlagError) {
    const { externalFlagName, nextFlagName } = problem;
    const flag = nameOf(externalFlagName, command, words);
    return nextFlagName === undefined ? `${flag} needs a value` : needsValue(flag);
  }
  if (problem instanceof UnexpectedFlagError) {
    return `${nameOf(problem.externalFlagName, command, words)} is given twice`;
  }
  if (problem instanceof InvalidNegatedFlagSyntaxError) {
    return `--${problem.externalFlagName} takes no value`;
  }
  if (problem instanceof EnumValidationError) {
    const { externalFlagName, input, values } = problem;
    return `--${externalFlagName} takes ${listed(values)}, not "${printable(input)}"`;
  }
  if (problem instanceof ArgumentParseError) return describeValue(problem, command, words);
  if (problem instanceof UnexpectedPositionalError) {
    const { expectedCount: count } = problem;
    const wanted = count === 0
      ? "no arguments"
      : count === 1
      ? "one argument"
      : `${count} arguments`;
    return `${command.name} takes ${wanted}, and here are more`;
  }
  if (problem instanceof UnsatisfiedPositionalError) {
    const { placeholder, limit } = problem;
    return `${command.name} needs ${limit === undefined ? "" : "at least one "}${placeholder}`;
  }
  if (isUnknownCommand(problem)) return describeCommand(problem, command);
  return describeError(problem).message;
}

function describeValue(
  { externalFlagNameOrPlaceholder: place, input, exception }: ArgumentParseError,
  command: NamedCommand,
  words: readonly string[],
): string {
  const kind = kindOf(command, place);
  const name = kind === undefined ? place : nameOf(place, command, words);
  if (kind === "boolean") return `${name} takes no value`;
  if (input === "") return kind === undefined ? `${name} is empty` : `${name} needs a value`;
  const shown = SECRET.has(place) ? "this" : `"${printable(input)}"`;
  return `Cannot use ${shown} as ${name}: ${describeError(exception).message}`;
}

function describeCommand({ input, corrections }: UnknownCommand, command: NamedCommand): string {
  if (input.startsWith("-")) {
    return `There is no flag ${printable(input)} here; flags come after the command`;
  }
  const group = command.name === "" ? "" : `${command.name} `;
  return `There is no command "${group}${printable(input)}"${didYouMean(corrections)}`;
}

function didYouMean(corrections: readonly string[]): string {
  return corrections.length === 0 ? "" : ` (did you mean ${listed(corrections)}?)`;
}

/** `a, b or c` */
function listed(words: readonly string[]): string {
  return words.join(", ").replace(/, ([^,]*)$/, " or $1");
}

/** What to do about a value that looks like a flag. */
function needsValue(flag: string | undefined): string {
  return `${flag} needs a value; one that begins with a dash is written ${flag}=VALUE`;
}

/** A flag as it was typed: its letter, or its name. */
function nameOf(flag: string, { aliases }: NamedCommand, words: readonly string[]): string {
  const letter = Object.keys(aliases).find((key) => typedName(aliases[key] ?? "") === flag);
  if (letter !== undefined && words.includes(`-${letter}`)) return `-${letter}`;
  return `--${flag}`;
}

/** Whether a word is a flag whose value comes next. */
function awaitsValue(command: NamedCommand, word: string | undefined): boolean {
  const [, flag, value] = FLAG.exec(word ?? "") ?? [];
  if (flag !== undefined) return value === undefined && takesValue(command, flag);
  const letter = /^-([a-z])$/i.exec(word ?? "")?.[1];
  const meant = letter === undefined ? undefined : command.aliases[letter];
  return meant !== undefined && takesValue(command, typedName(meant));
}

function takesValue(command: NamedCommand, flag: string): boolean {
  const kind = kindOf(command, flag);
  return kind !== undefined && kind !== "boolean";
}

function kindOf({ flags }: NamedCommand, flag: string): string | undefined {
  return Object.entries(flags).find(([name]) => name === flag || typedName(name) === flag)?.[1]
    .kind;
}

function isUnknownCommand(problem: unknown): problem is UnknownCommand {
  return typeof problem === "object" && problem !== null && "corrections" in problem;
}
