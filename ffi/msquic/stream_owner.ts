import type { ConnectionEndedError } from "./errors.ts";
import type { Flight } from "./flight.ts";
import type { Handle } from "./handle.ts";
import type { PromptAck } from "./prompt_ack.ts";
import type { SendOrder } from "./send_order.ts";
import type { ReceiveWindows } from "./stream_windows.ts";

/** How many sends of a connection's streams MsQuic was given, and how many of these it is done with. */
export interface SendCounts {
  begun: number;
  done: number;
}

/** What a stream needs of the connection that it is part of. */
export interface StreamOwner {
  readonly handle: Handle;
  readonly sendOrder: SendOrder;
  readonly sendCounts: SendCounts;
  /** What bounds its large sends, where something does. */
  readonly flight: Flight | undefined;
  /** What bounds how the windows of streams grow, where something does. */
  readonly windows: ReceiveWindows | undefined;
  /** What acknowledges at once what comes on them, where something does. */
  readonly promptAck: PromptAck | undefined;
  /** Why the connection is over, as an error for those who still wait on its streams. */
  endedError(): ConnectionEndedError;
  /** Ends the connection after an error of this program. */
  handleFailure(): void;
  /** The handle of one of its streams is closed. */
  streamClosed(): void;
}

/** Options of {@linkcode Stream.send}. */
export interface SendOptions {
  /** Whether these are the last bytes (RFC 9000 section 3.1). */
  fin?: boolean;
}

/** Options of {@linkcode Stream.read}. */
export interface ReadOptions {
  /** Ends the wait; nothing is lost, a later read gets what comes. */
  signal?: AbortSignal;
}
