import { buildCommand } from "@stricli/core";
import type { Client, OverwritePolicy, PutResult } from "../../client/mod.ts";
import { forEachItem, type Place } from "../files/batch.ts";
import {
  type ConnectionFlags,
  openClient,
  TRANSFER_RETRY_MS,
  transferFlags,
} from "../files/connection_flags.ts";
import { completePath } from "../shell/complete_path.ts";
import type { CliContext } from "../context.ts";
import { refuseDash } from "../files/dash.ts";
import { jsonFlag, overwriteFlag, parseText, resumeFlag, verboseFlag } from "../flags.ts";
import type { Progress } from "../files/progress.ts";
import {
  formatChanged,
  formatLimits,
  formatNotKept,
  formatPlace,
  formatResumable,
  formatTransfer,
} from "../files/transfer_text.ts";
import { isSameAtServer, type Skipped } from "../files/unchanged.ts";
import type { Upload } from "../files/upload.ts";

interface PutFlags extends ConnectionFlags {
  to?: string;
  overwrite: OverwritePolicy;
  resume: boolean;
  verbose: boolean;
  json: boolean;
}

/** `msquicd put FILE|DIR… [--to NAME]` */
export const putCommand = buildCommand<PutFlags, string[], CliContext>({
  docs: {
    brief: "Copy files and directories to a server",
    fullDescription: [
      "Copy files and directories to a server. A file appears there under its own name, whole and",
      "verified, or not at all; what is inside of a directory DIR appears as DIR/NAME. Interrupted, it",
      "goes on where it stopped when it is called again within a day. What cannot be read is said, and",
      "does not keep the rest from being copied. Times and modes of files are kept; symbolic links inside of",
      "DIR and empty directories are not copied. With --overwrite newer, a file whose size and time are",
      "those of the stored one is skipped.",
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
      overwrite: overwriteFlag,
      resume: resumeFlag,
      verbose: verboseFlag,
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
    refuseDash(paths, "Standard input is not supported yet");
    const { findUploads, isLight } = await import("../files/uploads.ts");
    const { partOf } = await import("../files/upload_part.ts");
    const { Progress } = await import("../files/progress.ts");
    using interruption = this.interruption();
    const { signal } = interruption;
    let bar: Progress | undefined;
    const note = (text: string) => {
      bar?.[Symbol.dispose](); // off its line
      this.output.note(text);
    };
    const { usable, uploads, leftOut } = findUploads(paths, flags.to, note, signal);
    const options = {
      isLight,
      keep: this.output.json,
      onDone: (result: PutResult | Skipped) => {
        this.output.line(formatTransfer(result));
        if (flags.verbose) this.output.line(formatLimits(result, "sent"));
      },
    };
    try {
      if (usable === 0) {
        await forEachItem(uploads, this.output, ({ problem }) => Promise.reject(problem), options);
      }
      await using client = await openClient(flags, this, signal, {
        retryForMs: TRANSFER_RETRY_MS,
        note,
      });
      const putOne = uploader(client, flags, partOf, signal, note);
      const run = async (upload: Upload, place: Place): Promise<PutResult | Skipped> => {
        if (upload.problem !== undefined) throw upload.problem;
        using progress = isLight(upload) ? undefined : new Progress(upload.name, upload.size, {
          place: formatPlace(place),
          terminal: this.stderr,
          sink: this.stderr.sink,
        });
        if (progress !== undefined) bar = progress;
        return await putOne(upload, progress);
      };
      const { overwrite } = flags;
      const together = async function* (uploads: AsyncIterable<Upload>) {
        for await (const outcome of client.putMany(filesOf(uploads), { overwrite, signal })) {
          const { file: { upload: file } } = outcome;
          yield { ...outcome, file };
        }
      };
      // Of which only some are to be sent, they are looked at one by one.
      const runLight = overwrite === "newer" ? {} : { runLight: together };
      this.output.result(
        await forEachItem(uploads, this.output, run, { ...options, ...runLight }),
      );
    } finally {
      for (const line of formatNotKept(leftOut)) this.output.note(line);
    }
  },
});

async function* filesOf(uploads: AsyncIterable<Upload>) {
  for await (const upload of uploads) {
    const { path: source, name, problem } = upload;
    yield { source, name, problem, upload };
  }
}

/** Copies one file, unless only a newer one is to replace what is there, and it is there already. */
function uploader(
  client: Client,
  flags: PutFlags,
  partOf: (upload: Upload) => Promise<string | undefined>,
  signal: AbortSignal,
  note: (text: string) => void,
) {
  const { overwrite, resume } = flags;
  return async (
    upload: Upload,
    progress: Progress | undefined,
  ): Promise<PutResult | Skipped> => {
    const { path, name, size: bytes } = upload;
    if (overwrite === "newer" && await isSameAtServer(client, name, upload, signal)) {
      return { name, bytes, skipped: true, server: client.server };
    }
    const part = resume ? await partOf(upload) : undefined;
    let sent = 0;
    try {
      const result = await client.put(path, name, {
        overwrite,
        signal,
        onProgress: (bytes) => progress?.update(sent = bytes),
        ...(part === undefined ? {} : { part }),
      });
      if (result.changed) note(formatChanged(path));
      return result;
    } catch (error) {
      const { isInterruption } = await import("../../client/mod.ts");
      const interrupted = signal.aborted || isInterruption(error);
      if (interrupted && part !== undefined && sent > 0) note(formatResumable(name));
      throw error;
    }
  };
}
