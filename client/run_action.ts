import { type ActionOutcome, type ActionOutput, ProtocolError } from "../protocol/mod.ts";
import type { RequestOptions } from "./exchange.ts";

/** Options of `Client.runAction`. */
export interface RunActionOptions extends RequestOptions {
  /**
   * Takes what the action writes, as it comes: whole lines, where they are not longer than 16 KiB. The action
   * waits while it takes long; what it throws ends the action.
   */
  onOutput?: (stream: "stdout" | "stderr", bytes: Uint8Array) => void | Promise<void>;
}

/** How an action went. */
export interface ActionResult extends ActionOutcome {
  /** Its name. */
  action: string;
  /** The server that ran it, as `HOST:PORT`. */
  server: string;
}

/**
 * Hands on what an action writes, until its end.
 *
 * @throws {ProtocolError} How it ended was not told.
 */
export async function takeOutput(
  parts: AsyncIterable<ActionOutput>,
  onOutput: RunActionOptions["onOutput"],
): Promise<ActionOutcome> {
  let last: ActionOutcome | undefined;
  for await (const { stdout, stderr, outcome } of parts) {
    if (stdout !== undefined) await onOutput?.("stdout", stdout);
    if (stderr !== undefined) await onOutput?.("stderr", stderr);
    last = outcome;
  }
  if (last !== undefined) return last;
  throw new ProtocolError("bad-body", "Server has not told how the action ended");
}
