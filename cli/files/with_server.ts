import type { Client } from "../../client/mod.ts";
import type { CliContext } from "../context.ts";
import { type ConnectionFlags, openClient } from "./connection_flags.ts";
import { expandNames, type Named } from "./expand_names.ts";
import { noteUnreadable } from "./unreadable.ts";

/** What a command about a server's files works with. */
export interface AtServer {
  client: Client;
  /** Aborts when the command is interrupted. */
  signal: AbortSignal;
  /** Takes each directory that the server cannot read. */
  onUnreadable: (directory: string) => void;
  /** The names that are meant by those typed, patterns among them. */
  named(typed: readonly string[]): AsyncIterable<Named>;
}

/**
 * Connects to the server that the flags name, has something done there, and prints as its result what comes of
 * that.
 *
 * @throws {FilePermissionError} When all is done: there was a directory that the server cannot read.
 */
export async function withServer(
  context: CliContext,
  flags: ConnectionFlags,
  action: (at: AtServer) => Promise<unknown>,
): Promise<void> {
  const { output } = context;
  using interruption = context.interruption();
  const { signal } = interruption;
  await using client = await openClient(flags, context, signal);
  const { note: onUnreadable, check } = noteUnreadable((text) => output.note(text));
  const named = (typed: readonly string[]) => expandNames(client, typed, signal, onUnreadable);
  const result = await action({ client, signal, onUnreadable, named });
  check();
  output.result(result);
}
