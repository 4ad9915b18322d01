import { resolve } from "node:path";
import { buildCommand } from "@stricli/core";
import type { GetResult, KeptPart, OverwritePolicy } from "../../client/mod.ts";
import { forEachItem, type Place } from "../files/batch.ts";
import {
  type ConnectionFlags,
  openClient,
  TRANSFER_RETRY_MS,
  transferFlags,
} from "../files/connection_flags.ts";
import type { Progress } from "../files/progress.ts";
import type { CliContext } from "../context.ts";
import { refuseDash } from "../files/dash.ts";
import type { Download } from "../files/downloads.ts";
import { jsonFlag, overwriteFlag, parseText, resumeFlag, verboseFlag } from "../flags.ts";
import { formatKept, formatLimits, formatPlace, formatTransfer } from "../files/transfer_text.ts";
import { isSameAtServer, lookHere, type Skipped } from "../files/unchanged.ts";

interface GetFlags extends ConnectionFlags {
  output?: string;
  overwrite: OverwritePolicy;
  resume: boolean;
  verbose: boolean;
  json: boolean;
}

/** `msquicd get NAME… [-o PATH]` */
export const getCommand = buildCommand<GetFlags, string[], CliContext>({
  docs: {
    brief: "Copy files from a server",
    fullDescription: [
      "Copy files from a server. A file appears here under its own name, whole and verified, or not at",
      "all. Interrupted, it goes on where it stopped when it is called again; until then what is there of",
      "NAME is beside it, in a hidden file .NAME.….msquicd-part. Directories that are missing are made.",
      "With --overwrite newer, a file whose size and time are those of the stored one is skipped.",
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
      overwrite: overwriteFlag,
      resume: resumeFlag,
      verbose: verboseFlag,
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
    if (flags.output !== undefined) {
      refuseDash([flags.output], "Standard output is not supported yet");
    }
    const { planDownloads } = await import("../files/downloads.ts");
    const { Progress } = await import("../files/progress.ts");
    let bar: Progress | undefined;
    const note = (text: string) => {
      bar?.[Symbol.dispose](); // off its line
      this.output.note(text);
    };
    const downloads = await planDownloads(names, flags.output);
    using interruption = this.interruption();
    const { signal } = interruption;
    await using client = await openClient(flags, this, signal, {
      retryForMs: TRANSFER_RETRY_MS,
      note,
    });
    const { overwrite, resume } = flags;
    const run = async ({ name, path }: Download, place: Place): Promise<GetResult | Skipped> => {
      const here = overwrite === "newer" ? await lookHere(path) : undefined;
      if (here !== undefined && await isSameAtServer(client, name, here, signal)) {
        const { server } = client;
        return { name, path: resolve(path), bytes: here.size, skipped: true, server };
      }
      let kept: KeptPart | undefined;
      using progress = new Progress(name, undefined, {
        place: formatPlace(place),
        terminal: this.stderr,
        sink: this.stderr.sink,
      });
      bar = progress;
      try {
        return await client.get(name, path, {
          overwrite,
          resume,
          signal,
          onProgress: (bytes, total) => progress.update(bytes, total),
          onKept: (part) => kept = part,
        });
      } catch (error) {
        if (kept !== undefined) note(formatKept(name, kept));
        throw error;
      }
    };
    const onDone = (result: GetResult | Skipped) => {
      this.output.line(formatTransfer(result));
      if (flags.verbose) this.output.line(formatLimits(result, "received"));
    };
    this.output.result(await forEachItem(downloads, this.output, run, { onDone }));
  },
});
