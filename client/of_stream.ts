import { ConnectionEndedError, StreamAbortedError } from "../ffi/mod.ts";

/** Whether an error is about the stream, rather than about what is sent on it. */
export function isOfStream(error: unknown): boolean {
  return error instanceof StreamAbortedError || error instanceof ConnectionEndedError;
}
