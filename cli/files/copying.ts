import { USUAL_RETRY_MS } from "../../base/usual_retry_ms.ts";
import type { Client } from "../../client/mod.ts";
import type { CliContext } from "../context.ts";
import { openClient, type TransferFlags } from "./connection_flags.ts";
import type { Progress } from "./progress.ts";
import type { TreeOptions } from "./tree_flags.ts";

/** What the copies of one command share. */
export interface Copying {
  context: CliContext;
  client: Client;
  options: TreeOptions;
  streams: number | undefined;
  resume: boolean;
  verbose: boolean;
  /** How many bytes there may be in a second, for those who watch. */
  limit: number | undefined;
  signal: AbortSignal;
  notes: Notes;
}

/** Flags that say how files are copied. */
export interface CopyingFlags extends TransferFlags {
  streams?: number;
  resume: boolean;
  verbose: boolean;
}

/** Remarks beside a progress bar. */
export interface Notes {
  bar: Progress | undefined;
  /** A line on standard error. */
  note(text: string): void;
}

/** Remarks of a command. */
export function notesOf({ output }: CliContext): Notes {
  return {
    bar: undefined,
    note(text) {
      this.bar?.[Symbol.dispose](); // off its line
      output.note(text);
    },
  };
}

/** Connects to the server that the flags name, until it is disposed of. */
export async function openCopying(
  flags: CopyingFlags,
  parts: Pick<Copying, "context" | "options" | "signal" | "notes">,
): Promise<Copying & AsyncDisposable> {
  const { context, signal, notes } = parts;
  const client = await openClient(flags, context, signal, {
    retryForMs: USUAL_RETRY_MS,
    note: (text) => notes.note(text),
  });
  const { streams, resume, verbose, limitRate: limit } = flags;
  return {
    ...{ ...parts, client, streams, resume, verbose, limit },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}
