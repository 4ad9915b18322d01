import { buildCommand } from "@stricli/core";
import type { FileInfo } from "../../client/mod.ts";
import { type ConnectionFlags, connectionFlags } from "../files/connection_flags.ts";
import type { CliContext } from "../context.ts";
import { isPattern, literalPrefix, namePattern } from "../../base/name_pattern.ts";
import { jsonFlag } from "../flags.ts";
import { formatBytes, formatMode, formatTime, printable } from "../text/format.ts";

interface LsFlags extends ConnectionFlags {
  long: boolean;
  recursive: boolean;
  json: boolean;
}

/** `msquicd ls [-l] [-r] [PREFIX]` */
export const lsCommand = buildCommand<LsFlags, [prefix?: string], CliContext>({
  docs: {
    brief: "List the files on a server",
    fullDescription: [
      "List the files on a server, and its directories, with a slash behind their names: those that are",
      "not in a further directory, or with -r all files, and the directories that are empty. Of a name",
      "that begins like a directory's, DIR/ lists what is in it. With * (any text without a slash), ? (one",
      "character) and ** (any text) PREFIX is a pattern for whole names.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      ...connectionFlags,
      long: {
        kind: "boolean",
        brief: "Show modes as well, and sizes in bytes",
        default: false,
        withNegated: false,
      },
      recursive: {
        kind: "boolean",
        brief: "List what is in directories as well",
        default: false,
        withNegated: false,
      },
      json: jsonFlag,
    },
    aliases: { l: "long", r: "recursive" },
    positional: {
      kind: "tuple",
      parameters: [{
        parse: String,
        placeholder: "PREFIX",
        brief: "Only names that begin with it; or a pattern",
        optional: true,
      }],
    },
  },
  async func(flags, typed = "") {
    const { withServer } = await import("../files/with_server.ts");
    const { prefix, deep, wanted } = selectionOf(typed, flags.recursive);
    const directories = deep ? "empty" : "closed";
    const format = flags.long ? formatLong : formatEntry;
    await withServer(this, flags, async ({ client, signal, onUnreadable }) => {
      const entries: FileInfo[] = [];
      for await (const entry of client.list(prefix, { signal, directories, onUnreadable })) {
        if (!wanted(entry.name)) continue;
        this.output.line(format(entry));
        if (this.output.json) entries.push(entry);
        else await this.output.drained(signal);
      }
      return entries;
    });
  },
});

/** What is asked for, and which of that is shown. */
function selectionOf(typed: string, recursive: boolean) {
  if (!isPattern(typed)) return { prefix: typed, deep: recursive, wanted: () => true };
  const prefix = literalPrefix(typed);
  const pattern = namePattern(typed);
  const rest = typed.slice(prefix.length);
  return {
    prefix,
    deep: recursive || rest.includes("/") || rest.includes("**"),
    wanted: (name: string) => pattern.test(name),
  };
}

function formatEntry({ name, size, mtime, directory }: FileInfo): string {
  const shown = directory ? "-" : formatBytes(size);
  return `${shown.padStart(9)}  ${formatTime(mtime)}  ${formatName(name, directory)}`;
}

function formatLong({ name, size, mtime, mode, directory }: FileInfo): string {
  const shown = directory ? "-" : `${size}`;
  return `${formatMode(mode, directory === true)}  ${shown.padStart(12)}  ${formatTime(mtime)}  ${
    formatName(name, directory)
  }`;
}

function formatName(name: string, directory = false): string {
  return directory ? `${printable(name)}/` : printable(name);
}
