import type { Session } from "./session.ts";
import type { Siblings } from "./siblings.ts";

/** A client that has been here for less is not asked to go, in milliseconds. */
const LONG_LIVED_MS = 60_000;

/**
 * Asks a client that does nothing at the moment to go to another worker, where this one has been much busier
 * for a while: one each time, so that it can be seen what has come of it.
 *
 * @param clients How many there are.
 * @param nowMs Now, on the clock of `performance`.
 */
export function relieve(
  siblings: Siblings,
  sessions: Iterable<Session>,
  clients: number,
  nowMs: number = performance.now(),
): void {
  const port = siblings.relief(clients, nowMs);
  if (port === undefined) return;
  const longAgo = Date.now() - LONG_LIVED_MS;
  for (const session of sessions) {
    if (session.since > longAgo || !session.advise(port)) continue;
    siblings.sent(session, port, nowMs);
    return;
  }
}
