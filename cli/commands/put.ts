import { buildCommand } from "@stricli/core";
import type { OverwritePolicy, PutResult } from "../../client/mod.ts";
import { forEachItem } from "../batch.ts";
import { type ConnectionFlags, connectionFlags, openClient } from "../connection_flags.ts";
import { completePath } from "../complete_path.ts";
import type { CliContext } from "../context.ts";
import { jsonFlag, overwriteFlag, parseText, resumeFlag } from "../flags.ts";
import { Progress } from "../progress.ts";
import { formatTransfer, progressLabel } from "../transfer_text.ts";
import type { Upload } from "../uploads.ts";

interface PutFlags extends ConnectionFlags {
  to?: string;
  overwrite: OverwritePolicy;
  resume: boolean;
  json: boolean;
}

/** `msquicd put FILE|DIR… [--to NAME]` */
export const putCommand = buildCommand<PutFlags, string[], CliContext>({
  docs: {
    brief: "Copy files and directories to a server",
    fullDescription: [
      "Copy files and directories to a server. A file appears there under its own name, whole and",
      "verified, or not at all; what is inside of a directory DIR appears as DIR/NAME. Interrupted, it",
      "goes on where it stopped when it is called again within a day.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      ...connectionFlags,
      to: {
        kind: "parsed",
        parse: parseText,
        brief: "Name on the server; ending in a slash, or with several files: the directory",
        placeholder: "NAME",
        optional: true,
      },
      overwrite: overwriteFlag,
      resume: resumeFlag,
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
    const { overwrite } = flags;
    const { findUploads, isLight } = await import("../uploads.ts");
    const { partOf } = await import("../upload_part.ts");
    const uploads = await findUploads(paths, flags.to, (text) => this.output.note(text));
    using interruption = this.interruption();
    const { signal } = interruption;
    await using client = await openClient(flags, this, signal);
    const put = async (upload: Upload, onProgress?: (bytes: number) => void) => {
      const part = flags.resume ? await partOf(upload) : undefined;
      return await client.put(upload.path, upload.name, {
        overwrite,
        signal,
        ...(onProgress === undefined ? {} : { onProgress }),
        ...(part === undefined ? {} : { part }),
      });
    };
    const run = async (upload: Upload, index: number): Promise<PutResult> => {
      if (isLight(upload)) return await put(upload);
      using progress = new Progress(
        progressLabel(upload.name, index, uploads.length),
        upload.size,
        { terminal: this.stderr, sink: this.stderr.sink },
      );
      return await put(upload, (bytes) => progress.update(bytes));
    };
    const onDone = (result: PutResult) => this.output.line(formatTransfer(result));
    const results = await forEachItem(uploads, this.output, run, { isLight, onDone });
    this.output.result(results);
  },
});
