import { buildCommand } from "@stricli/core";
import { transferFlags } from "../files/connection_flags.ts";
import { completePath } from "../shell/complete_path.ts";
import type { CliContext } from "../context.ts";
import { isStandardInput, refuseInShell } from "../files/dash.ts";
import type { PutFlags } from "../files/put_files.ts";
import { treeFlags } from "../files/tree_flags.ts";
import { jsonFlag, parseText, quietFlag, resumeFlag, streamsFlag, verboseFlag } from "../flags.ts";

/** `msquicd put FILE|DIR… [--to NAME]` */
export const putCommand = buildCommand<PutFlags, string[], CliContext>({
  docs: {
    brief: "Copy files and directories to a server",
    fullDescription: [
      "Copy files and directories to a server. A file appears there under its own name, whole and",
      "verified, or not at all; what is inside of a directory DIR appears as DIR/NAME, with times, modes and",
      "empty directories. Interrupted, it goes on where it stopped when it is called again within a day.",
      "What cannot be read is said, and does not keep the rest from being copied. Symbolic links inside of",
      "DIR are not copied. With --update, --checksum or --overwrite newer, what is the same there is",
      "skipped. --include is looked at before --exclude; what is excluded is not deleted either. FILE may be",
      "a pipe, or - for standard input, which takes --to NAME. With --encode-names, what has a name that no",
      "server takes (12:30.log, con.txt) is stored under one that tells it, which get turns back.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      ...transferFlags,
      to: {
        kind: "parsed",
        parse: parseText,
        brief: "Name on the server; ending in a slash, or with several files: the directory",
        placeholder: "NAME",
        optional: true,
      },
      ...treeFlags,
      streams: streamsFlag,
      resume: resumeFlag,
      verbose: verboseFlag,
      quiet: quietFlag,
      json: jsonFlag,
    },
    positional: {
      kind: "array",
      minimum: 1,
      parameter: {
        parse: parseText,
        placeholder: "FILE",
        brief: "Files and directories to copy",
        proposeCompletions: completePath,
      },
    },
  },
  async func(flags, ...paths) {
    if (paths.some(isStandardInput)) refuseInShell(this.insideShell);
    const { putFiles } = await import("../files/put_files.ts");
    const { quietIf } = await import("../files/quiet.ts");
    await putFiles(quietIf(flags.quiet, this), flags, paths);
  },
});
