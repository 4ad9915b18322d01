import type { BlockedTimes } from "../ffi/msquic/blocked_times.ts";

/** Where bytes are sent to: one direction of a QUIC stream, or something like it. */
export interface ByteSink {
  /**
   * Sends bytes after all those of earlier calls; with `fin` they are the last.
   *
   * @returns Resolves when the bytes are no longer needed and their memory may be changed.
   */
  send(data: Uint8Array, options?: { fin?: boolean }): Promise<void>;
  /** For how long what is sent has had to wait so far, where that is known. */
  readonly blocked?: BlockedTimes | undefined;
  /** How many bytes it takes to have under way for the path to be full; 0, or nothing, if it is not known. */
  readonly idealBytes?: number;
  /** The shortest round trip that was seen on the path, in milliseconds; `undefined`: it is not known. */
  readonly roundTripMs?: number | undefined;
  /** Gives up: what has not been sent is not sent any more, and its promises settle soon. */
  abort?(errorCode?: number): void;
}
