import { buildCommand } from "@stricli/core";
import type { GetResult, OverwritePolicy } from "../../client/mod.ts";
import { forEachItem } from "../batch.ts";
import { type ConnectionFlags, connectionFlags, openClient } from "../connection_flags.ts";
import type { CliContext } from "../context.ts";
import { planDownloads } from "../downloads.ts";
import { jsonFlag, overwriteFlag, parseText, resumeFlag } from "../flags.ts";
import { Progress } from "../progress.ts";
import { formatTransfer, progressLabel } from "../transfer_text.ts";

interface GetFlags extends ConnectionFlags {
  output?: string;
  overwrite: OverwritePolicy;
  resume: boolean;
  json: boolean;
}

/** `msquicd get NAME… [-o PATH]` */
export const getCommand = buildCommand<GetFlags, string[], CliContext>({
  docs: {
    brief: "Copy files from a server",
    fullDescription: [
      "Copy files from a server. A file appears here under its own name, whole and verified, or not at",
      "all. Interrupted, it goes on where it stopped when it is called again; until then what is there of",
      "NAME is beside it, in a hidden file .NAME.….msquicd-part.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      ...connectionFlags,
      output: {
        kind: "parsed",
        parse: parseText,
        brief: "File to write; a directory, or with several names: the directory to write to",
        placeholder: "PATH",
        optional: true,
      },
      overwrite: overwriteFlag,
      resume: resumeFlag,
      json: jsonFlag,
    },
    aliases: { o: "output" },
    positional: {
      kind: "array",
      minimum: 1,
      parameter: { parse: parseText, placeholder: "NAME", brief: "Names of the files to copy" },
    },
  },
  async func(flags, ...names) {
    const { overwrite, resume } = flags;
    const downloads = await planDownloads(names, flags.output);
    using interruption = this.interruption();
    const { signal } = interruption;
    await using client = await openClient(flags, this, signal);
    const results = await forEachItem(downloads, this.output, async (download, index) => {
      const { name, path } = download;
      let result: GetResult;
      {
        using progress = new Progress(progressLabel(name, index, downloads.length), undefined, {
          terminal: this.stderr,
          sink: this.stderr.sink,
        });
        const onProgress = (bytes: number, total: number) => progress.update(bytes, total);
        result = await client.get(name, path, { overwrite, resume, signal, onProgress });
      }
      this.output.line(formatTransfer(result));
      return result;
    });
    this.output.result(results);
  },
});
