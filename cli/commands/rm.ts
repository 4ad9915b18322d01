import { counted } from "../../base/counted.ts";
import { buildCommand } from "@stricli/core";
import { forEachItem } from "../files/batch.ts";
import { type ConnectionFlags, connectionFlags } from "../files/connection_flags.ts";
import type { CliContext } from "../context.ts";
import { UsageError } from "../errors.ts";
import type { Removal } from "../files/remove_tree.ts";
import { dryRunFlag, jsonFlag, parseText } from "../flags.ts";
import { printable } from "../text/format.ts";

interface RmFlags extends ConnectionFlags {
  recursive: boolean;
  everything: boolean;
  dryRun: boolean;
  json: boolean;
}

/** `msquicd rm [-r] NAME…` */
export const rmCommand = buildCommand<RmFlags, string[], CliContext>({
  docs: {
    brief: "Remove files from a server",
    fullDescription: [
      "Remove files from a server, and the directories that thereby become empty; with -r, directories",
      "with all that is in them. Each name is a whole one: DIR is not DIRECTORY. A name with * (any text",
      "without a slash), ? or ** is a pattern for those of files. Everything that a server has goes only",
      "with -r --everything.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      ...connectionFlags,
      recursive: {
        kind: "boolean",
        brief: "Remove directories, too, with all that is in them",
        default: false,
        withNegated: false,
      },
      everything: {
        kind: "boolean",
        brief: "With -r and no name: remove all there is on the server",
        default: false,
        withNegated: false,
      },
      dryRun: dryRunFlag,
      json: jsonFlag,
    },
    aliases: { r: "recursive" },
    positional: {
      kind: "array",
      parameter: { parse: parseText, placeholder: "NAME", brief: "Names, or patterns" },
    },
  },
  async func(flags, ...typed) {
    const { recursive, dryRun } = flags;
    const names = namesToRemove(typed, flags);
    const { removeTree } = await import("../files/remove_tree.ts");
    const { withServer } = await import("../files/with_server.ts");
    const onDone = ({ name, files, directories }: Removal) => {
      const what = `${dryRun ? "would remove" : "removed"} ${printable(name) || "everything"}`;
      this.output.line(recursive ? `${what}: ${formatCounts(files, directories)}` : what);
    };
    await withServer(this, flags, async ({ client, signal, onUnreadable, named }) => {
      const removed = await forEachItem(named(names), this.output, async ({ name, problem }) => {
        if (problem !== undefined) throw problem;
        if (recursive) {
          return await removeTree(client, name, this.output, { dryRun, signal, onUnreadable });
        }
        if (dryRun) await client.stat(name, { signal });
        else await client.remove(name, { signal });
        return { name, files: 1, directories: 0 };
      }, { onDone, isLight: () => !recursive });
      return recursive ? removed : removed.map(({ name }) => ({ name }));
    });
  },
});

/**
 * @returns Names without slashes at their ends; the empty one stands for everything.
 * @throws {UsageError} It is not said clearly enough that everything is meant.
 */
function namesToRemove(typed: readonly string[], { recursive, everything }: RmFlags): string[] {
  if (everything) {
    if (recursive && typed.length === 0) return [""];
    throw new UsageError("--everything goes with -r, and without names");
  }
  if (typed.length === 0) throw new UsageError("Give the names of the files to remove");
  if (!recursive) return [...typed];
  return typed.map((name) => {
    if (/^[./]*$/.test(name)) {
      throw new UsageError(
        `"${name}" would be everything on the server: to remove that, say rm -r --everything`,
      );
    }
    return name.replace(/\/$/, "");
  });
}

function formatCounts(files: number, directories: number): string {
  const what = counted(files, "file");
  if (directories === 0) return what;
  return `${what}, ${counted(directories, "empty directory", "empty directories")}`;
}
