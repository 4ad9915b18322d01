import { buildCommand } from "@stricli/core";
import { transferFlags } from "../files/connection_flags.ts";
import type { CliContext } from "../context.ts";
import { isStandardOutput, refuseInShell } from "../files/dash.ts";
import type { GetFlags } from "../files/get_files.ts";
import { treeFlags } from "../files/tree_flags.ts";
import { jsonFlag, parseText, quietFlag, resumeFlag, streamsFlag, verboseFlag } from "../flags.ts";

/** `msquicd get [-r] NAME… [-o PATH]` */
export const getCommand = buildCommand<GetFlags, string[], CliContext>({
  docs: {
    brief: "Copy files and directories from a server",
    fullDescription: [
      "Copy files from a server, with -r directories. A file appears here under its own name, whole and",
      "verified, or not at all. Interrupted, it goes on where it stopped when it is called again; until",
      "then what is there of NAME is beside it, in a hidden file .NAME.….msquicd-part. Directories that are",
      "missing are made. With -r, what is in NAME comes to PATH itself, or to PATH/NAME if PATH ends with a",
      "slash; / is all that the server has. With --update, --checksum or --overwrite newer, what is the",
      "same here is skipped. --include is looked at before --exclude; what is excluded is not deleted",
      "either. Without -r, a name with * (any text without a slash), ? or ** is a pattern. With -o - a file",
      "goes to standard output, and likewise to a pipe or a device: as it comes, and if it turns out to be",
      "wrong in the end, the exit code says so. --encode-names gives files back the names that they had for",
      "put --encode-names; on Windows, where most of these cannot be, they keep those that they have there.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      ...transferFlags,
      output: {
        kind: "parsed",
        parse: parseText,
        brief: "File to write; a directory, or with several names: the directory to write to",
        placeholder: "PATH",
        optional: true,
      },
      recursive: {
        kind: "boolean",
        brief: "Copy directories, with all that is in them",
        default: false,
        withNegated: false,
      },
      ...treeFlags,
      streams: streamsFlag,
      resume: resumeFlag,
      verbose: verboseFlag,
      quiet: quietFlag,
      json: jsonFlag,
    },
    aliases: { o: "output", r: "recursive" },
    positional: {
      kind: "array",
      minimum: 1,
      parameter: { parse: parseText, placeholder: "NAME", brief: "Names to copy, or patterns" },
    },
  },
  async func(flags, ...names) {
    const { output } = flags;
    if (output !== undefined && isStandardOutput(output)) refuseInShell(this.insideShell);
    const { getFiles } = await import("../files/get_files.ts");
    const { quietIf } = await import("../files/quiet.ts");
    await getFiles(quietIf(flags.quiet, this), flags, names);
  },
});
