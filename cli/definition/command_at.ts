import { COMMANDS } from "../app.ts";
import type { Routes } from "./routes.ts";

/** What is to be known of a flag for messages about it. */
interface FlagFacts {
  readonly kind: string;
}

/** A command, or a group of them, as the words of a command line name it. */
export interface NamedCommand {
  /** `put`, `ports reserve`; empty where there is no such command. */
  readonly name: string;
  /** How many of the words that takes. */
  readonly length: number;
  /** By their names in code. */
  readonly flags: Readonly<Record<string, FlagFacts>>;
  /** The flag that each letter stands for. */
  readonly aliases: Readonly<Record<string, string>>;
}

/** What is the same in commands and groups of them. */
interface Target {
  readonly parameters?: {
    readonly flags?: Readonly<Record<string, FlagFacts>>;
    readonly aliases?: Readonly<Record<string, string>>;
  };
  getAllEntries?(): readonly { name: { original: string }; target: unknown }[];
  getDefaultCommand?(): unknown;
}

/** Finds the command that a command line begins with, as far as there is one. */
export function commandAt(words: readonly string[], routes: Routes = COMMANDS): NamedCommand {
  const [first = ""] = words;
  let target = Object.hasOwn(routes, first) ? targetOf(routes[first]) : undefined;
  if (target === undefined) return { name: "", length: 0, flags: {}, aliases: {} };
  let length = 1;
  while (target.getAllEntries !== undefined) {
    const entry = target.getAllEntries().find(({ name }) => name.original === words[length]);
    if (entry === undefined) break;
    target = targetOf(entry.target);
    length++;
  }
  if (target.getDefaultCommand !== undefined) target = targetOf(target.getDefaultCommand() ?? {});
  const { flags = {}, aliases = {} } = target.parameters ?? {};
  return { name: words.slice(0, length).join(" "), length, flags, aliases };
}

function targetOf(target: unknown): Target {
  return target as Target;
}
