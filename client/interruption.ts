import { ConnectionEndedError, StreamAbortedError } from "../ffi/mod.ts";
import { ApplicationError, RemoteError } from "../protocol/mod.ts";
import { NoServerError } from "./errors.ts";

/**
 * Whether an error says that a request was interrupted, not refused: the connection was lost, or the
 * server is going away. It may succeed elsewhere, or later; an upload goes on there if it has the same id.
 */
export function isInterruption(error: unknown): boolean {
  if (error instanceof RemoteError) return error.code === "shutting-down";
  if (error instanceof StreamAbortedError) {
    return error.errorCode === ApplicationError.shuttingDown;
  }
  return error instanceof ConnectionEndedError || error instanceof NoServerError;
}
