import type { TypedCommandParameters } from "@stricli/core";
import type {
  ParameterKind,
  ParameterSpec,
  ParameterSpecs,
  WorkerTarget,
} from "../../handlers/commands/mod.ts";
import type { CliContext } from "../context.ts";
import { UsageError } from "../errors.ts";
import {
  instanceFlag,
  jsonFlag,
  parseDuration,
  parsePort,
  parseText,
  watchFlag,
  wholeNumber,
} from "../flags.ts";
import { completeBy } from "./ask.ts";

/** The flags of a command line, by their names in code. */
export type Flags = Readonly<Record<string, unknown>>;

/** How one word becomes a value. A boolean has none. */
type Parse = (text: string) => unknown;

interface Typed {
  readonly parse: (spec: ParameterSpec) => Parse;
  /** What stands for it in help, unless the definition says something else. */
  readonly placeholder: string;
  /** Whether it takes several words. */
  readonly list?: boolean;
}

/** How the kinds of parameters are typed. */
const TYPED = {
  integer: {
    parse: ({ range: [min, max] = [0, Number.MAX_SAFE_INTEGER] }) => wholeNumber(min, max),
    placeholder: "N",
  },
  port: { parse: () => parsePort, placeholder: "PORT" },
  duration: { parse: () => parseDuration, placeholder: "TIME" },
  string: { parse: textParser, placeholder: "TEXT" },
  strings: { parse: () => parseText, placeholder: "TEXT", list: true },
  workers: { parse: () => parseTarget, placeholder: "PORT", list: true },
} as const satisfies Record<Exclude<ParameterKind, "boolean">, Typed>;

/** How a text is read that may be one of some words only, or not longer than so much. */
function textParser({ choices, maxLength }: ParameterSpec): Parse {
  return (text) => {
    const word = parseText(text);
    if (choices !== undefined && !choices.includes(word)) {
      throw new UsageError(`one of ${choices.join(", ")} is wanted`);
    }
    if (maxLength !== undefined && word.length > maxLength) {
      throw new UsageError(`a text of 1 to ${maxLength} characters is wanted`);
    }
    return word;
  };
}

/** The parameters of a command as the parser takes them, and the flags that every command has. */
export function parserParameters(
  specs: ParameterSpecs,
  { watchable = false }: { watchable?: boolean | undefined } = {},
): TypedCommandParameters<Flags, unknown[], CliContext> {
  const flags = Object.entries(specs).filter(([, { positional }]) => !positional)
    .map(([name, spec]) => [spec.flag ?? name, flagOf(spec)]);
  const parameters: unknown = {
    flags: {
      ...Object.fromEntries(flags),
      ...(watchable ? { watch: watchFlag } : {}),
      ...{ instance: instanceFlag, json: jsonFlag },
    },
    positional: positionalOf(specs),
  };
  // The parser's types know parameters that are written out, not those that are made.
  return parameters as TypedCommandParameters<Flags, unknown[], CliContext>;
}

/** The words without a flag that a command takes. */
function positionalOf(specs: ParameterSpecs): unknown {
  const all = Object.values(specs).filter(({ positional }) => positional);
  const parameters = all.map((spec) => ({
    ...wordOf(spec),
    ...(spec.required ? {} : { optional: true }),
  }));
  const list = all.find(({ kind }) => typed(kind)?.list);
  if (list === undefined) return { kind: "tuple", parameters };
  return { kind: "array", parameter: wordOf(list), ...(list.required ? { minimum: 1 } : {}) };
}

/** What a command line says, by the names of the parameters. */
export function valuesOf(
  specs: ParameterSpecs,
  flags: Flags,
  words: readonly unknown[],
): Record<string, unknown> {
  const rest = [...words];
  return Object.fromEntries(
    Object.entries(specs).map(([name, { kind, flag = name, positional }]) => {
      if (!positional) return [name, flags[flag]];
      return [name, typed(kind)?.list ? listOf(kind, rest) : rest.shift()];
    }),
  );
}

function flagOf(spec: ParameterSpec): unknown {
  const { kind, summary: brief, required, default: value = false } = spec;
  if (kind === "boolean") return { kind, brief, default: value, withNegated: value };
  return {
    ...wordOf(spec),
    kind: "parsed",
    ...(required ? {} : { optional: true }),
    ...(typed(kind)?.list ? { variadic: true } : {}),
  };
}

function wordOf(spec: ParameterSpec) {
  const { kind, summary: brief, placeholder, complete } = spec;
  const how = typed(kind);
  return {
    parse: how?.parse(spec) ?? parseText,
    placeholder: placeholder ?? how?.placeholder ?? "VALUE",
    brief,
    ...(complete === undefined ? {} : { proposeCompletions: completeBy(complete) }),
  };
}

function typed(kind: ParameterKind): Typed | undefined {
  return kind === "boolean" ? undefined : TYPED[kind];
}

function listOf(kind: ParameterKind, words: readonly unknown[]): unknown {
  if (kind === "workers") return workerTarget(words);
  return words.length === 0 ? undefined : words;
}

/** Reads `PORT… | all`. @throws {UsageError} If both are given. */
function workerTarget(words: readonly unknown[]): WorkerTarget {
  const ports = words.filter((word) => typeof word === "number");
  if (ports.length === words.length) return ports;
  if (words.length === 1) return "all";
  throw new UsageError("Give either ports or all, not both");
}

function parseTarget(text: string): number | "all" {
  return text === "all" ? "all" : parsePort(text);
}
