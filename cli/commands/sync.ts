import { buildCommand } from "@stricli/core";
import { transferFlags } from "../files/connection_flags.ts";
import type { CliContext } from "../context.ts";
import type { SyncFlags } from "../files/sync_flags.ts";
import { treeFlags } from "../files/tree_flags.ts";
import { jsonFlag, parseText, quietFlag, resumeFlag, streamsFlag, verboseFlag } from "../flags.ts";
import { completePath } from "../shell/complete_path.ts";

const { overwrite: _, update: __, filesFrom: ___, ...syncTreeFlags } = treeFlags;

/** `msquicd sync DIR NAME [--watch]` */
export const syncCommand = buildCommand<SyncFlags, [from: string, to: string], CliContext>({
  docs: {
    brief: "Make a directory on a server like one here, or the other way round",
    fullDescription: [
      "Make a directory on a server like the one here, or, where the first name is no directory here, the",
      "one here like the one on the server: put and get -r with --update. What only the second one has is",
      "removed with --delete, and else stays. With --watch, what changes in the first one is copied as it",
      "does, until that is interrupted; files that are removed there go with --delete only.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      ...transferFlags,
      up: {
        kind: "boolean",
        brief: "The first name is a directory here, the second one on the server",
        default: false,
        withNegated: false,
      },
      down: {
        kind: "boolean",
        brief: "The first name is a directory on the server, the second one here",
        default: false,
        withNegated: false,
      },
      watch: {
        kind: "boolean",
        brief: "Go on with what changes, until interrupted",
        default: false,
        withNegated: false,
      },
      ...syncTreeFlags,
      streams: streamsFlag,
      resume: resumeFlag,
      verbose: verboseFlag,
      quiet: quietFlag,
      json: jsonFlag,
    },
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: parseText,
          placeholder: "FROM",
          brief: "Directory that stays as it is",
          proposeCompletions: completePath,
        },
        { parse: parseText, placeholder: "TO", brief: "Directory that is made like it" },
      ],
    },
  },
  async func(flags, from, to) {
    const { syncFiles } = await import("../files/sync_files.ts");
    const { quietIf } = await import("../files/quiet.ts");
    await syncFiles(quietIf(flags.quiet, this), flags, from, to);
  },
});
