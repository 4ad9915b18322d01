import { RemoteError } from "../protocol/mod.ts";

/**
 * Says in a server's refusal what it was about.
 *
 * @param action What was to be done, as `store`.
 * @param object To what. What is wrong with a name is said with the name already.
 */
export function explained(error: unknown, action: string, object: string): unknown {
  if (!(error instanceof RemoteError) || error.code === "invalid-name") return error;
  const reason = error.message.charAt(0).toLowerCase() + error.message.slice(1);
  const { code, retryAfterMs, missingBytes } = error;
  return new RemoteError(code, `Cannot ${action} ${object}: ${reason}`, {
    retryAfterMs,
    missingBytes,
  });
}
