import type { Link } from "./link.ts";
import { Patience, type PatienceOptions } from "./patience.ts";
import { isUnreachable, retryAfterMs } from "./unreached.ts";

/** How a client comes to its first connection. */
export interface FirstConnectionOptions extends PatienceOptions {
  /** How long one round of attempts may take at most, in milliseconds. */
  limitMs: number;
  /** Gives up. */
  signal?: AbortSignal | undefined;
}

/**
 * Connects for the first time; waits for a server that is not there, if there is patience for it.
 *
 * @param connectToAny Tries all servers once.
 */
export async function firstConnection(
  connectToAny: () => Promise<Link>,
  options: FirstConnectionOptions,
): Promise<Link> {
  const { limitMs, signal } = options;
  using patience = new Patience(options);
  let reason = "No server has answered yet";
  patience.begin(() => reason);
  for (let round = 0;; round++) {
    let askedMs: number;
    try {
      const link = await patience.spend(limitMs, connectToAny());
      patience.found(link.server);
      return link;
    } catch (error) {
      signal?.throwIfAborted();
      if (!isUnreachable(error)) throw error;
      reason = error.message;
      askedMs = retryAfterMs([error]);
      if (patience.over) throw error;
    }
    await patience.wait(round, signal, askedMs);
  }
}
