import type { FlagParametersForType } from "@stricli/core";
import type { OverwritePolicy, Verification } from "../../client/mod.ts";
import { orAborted } from "../../base/mod.ts";
import type { CliContext } from "../context.ts";
import { UsageError } from "../errors.ts";
import { dryRunFlag, overwriteFlag, parseText, wholeNumber } from "../flags.ts";
import { DASH, isStandardInput, refuseInShell } from "./dash.ts";
import type { NameFilter } from "./name_filter.ts";
import type { NameMapping } from "./name_mapping.ts";

/** Flags of commands that copy trees: which files, and which of these are not copied for nothing. */
export interface TreeFlags {
  overwrite: OverwritePolicy;
  update: boolean;
  checksum: boolean;
  dryRun: boolean;
  exclude?: readonly string[];
  include?: readonly string[];
  filesFrom?: string;
  delete: boolean;
  maxDelete?: number;
  encodeNames: boolean;
  verify: Verification;
}

/** Their definitions. */
export const treeFlags: FlagParametersForType<TreeFlags, CliContext> = {
  overwrite: overwriteFlag,
  update: {
    kind: "boolean",
    brief: "Copy what differs in size or time, replacing it; skip the rest",
    default: false,
    withNegated: false,
  },
  checksum: {
    kind: "boolean",
    brief: "As --update, but compare the bytes of files of the same size, at both ends",
    default: false,
    withNegated: false,
  },
  dryRun: dryRunFlag,
  exclude: {
    kind: "parsed",
    parse: parseText,
    brief: "Leave out of directories what matches: *, ?, [a-z], **; / in front: at the top",
    placeholder: "PATTERN",
    optional: true,
    variadic: true,
  },
  include: {
    kind: "parsed",
    parse: parseText,
    brief: "Copy what matches all the same",
    placeholder: "PATTERN",
    optional: true,
    variadic: true,
  },
  filesFrom: {
    kind: "parsed",
    parse: parseText,
    brief: "Copy those files of the directory that FILE names, one a line (-: standard input)",
    placeholder: "FILE",
    optional: true,
  },
  delete: {
    kind: "boolean",
    brief: "When all is copied, remove there what is not here; not what is excluded",
    default: false,
    withNegated: false,
  },
  maxDelete: {
    kind: "parsed",
    parse: wholeNumber(0, 1_000_000_000),
    brief: "With --delete: remove nothing if it would be more than so many",
    placeholder: "N",
    optional: true,
  },
  verify: {
    kind: "enum",
    values: ["none", "size", "sha256"],
    brief: "What is compared when a file has been copied",
    default: "sha256",
  },
  encodeNames: {
    kind: "boolean",
    brief: "Spell names that no server takes as 12%3A30.log, and back",
    default: false,
    withNegated: false,
  },
};

/** How what is there is told from what is to be copied; `undefined`: it is not compared. */
export type Comparison = "time" | "checksum" | undefined;

/** What the flags come to. */
export interface TreeOptions {
  overwrite: OverwritePolicy;
  compare: Comparison;
  dryRun: boolean;
  filter: NameFilter | undefined;
  /** Names below the directory, where only some are meant. */
  listed: readonly string[] | undefined;
  deletes: boolean;
  maxDelete: number;
  /** How names here are spelled on the server. */
  names: NameMapping;
  /** What is compared when a file has been copied. */
  verify: Verification;
}

/**
 * @param signal Ends the wait for a list that is still being written.
 * @throws {UsageError} Flags contradict each other.
 * @throws The list cannot be read; the signal's reason.
 */
export async function readTreeFlags(
  flags: TreeFlags,
  { insideShell }: Pick<CliContext, "insideShell">,
  signal: AbortSignal,
): Promise<TreeOptions> {
  const { exclude, include, filesFrom, maxDelete } = flags;
  if (filesFrom !== undefined && flags.delete) {
    throw new UsageError("--delete does not go with --files-from: what is not listed is not gone");
  }
  if (maxDelete !== undefined && !flags.delete) {
    throw new UsageError("--max-delete goes with --delete");
  }
  if (include !== undefined && exclude === undefined) {
    throw new UsageError("--include is an exception from --exclude, which is missing");
  }
  if (filesFrom !== undefined && isStandardInput(filesFrom)) refuseInShell(insideShell);
  const { nameFilter } = await import("./name_filter.ts");
  const { nameMapping } = await import("./name_mapping.ts");
  const compare = flags.checksum
    ? "checksum"
    : flags.update || flags.overwrite === "newer"
    ? "time"
    : undefined;
  const replaces = flags.overwrite === "never" && (flags.checksum || flags.update);
  return {
    overwrite: replaces ? "always" : flags.overwrite,
    compare,
    dryRun: flags.dryRun,
    filter: exclude === undefined ? undefined : nameFilter(exclude, include),
    listed: filesFrom === undefined ? undefined : await readList(filesFrom, signal),
    deletes: flags.delete,
    maxDelete: maxDelete ?? Infinity,
    names: nameMapping(flags.encodeNames),
    verify: flags.verify,
  };
}

async function readList(path: string, signal: AbortSignal): Promise<string[]> {
  const { fileError } = await import("../../transfer/mod.ts");
  const action = `Cannot read the list "${path}"`;
  try {
    const reading = path === DASH
      ? new Response(Deno.stdin.readable).text()
      : Deno.readTextFile(path);
    const text = await orAborted(reading, signal);
    // No name has a NUL: what has one was written with it behind each, as by `find -print0`.
    const lines = text.split(text.includes("\0") ? "\0" : /\r?\n/);
    return lines.map((line) => line.replace(/^\.\//, "").replace(/\/$/, ""))
      .filter((line) => line !== "");
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof Deno.errors.IsADirectory) {
      throw new UsageError(`${action}: it is a directory; give a file with a name in each line`);
    }
    throw fileError(cause, action);
  }
}
