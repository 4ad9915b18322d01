import { settlesWithin } from "../../base/mod.ts";
import { ANNOUNCE_MS } from "./announcement.ts";

/** How long a session that is to end must have been idle, in milliseconds; it may be longer, see `whenIdle`. */
const MIN_GRACE_MS = 100;

/** What is looked at of a session to see whether it may end. */
interface BusySession {
  /** How many requests are under way. */
  readonly requests: number;
  /** How many streams the client has opened so far. */
  readonly streams: number;
}

/** How it is looked at. */
interface Look {
  /** Resolves when the client has been told to go elsewhere, or cannot be. */
  readonly told: Promise<void>;
  /** Whether the connection is over. */
  isGone(): boolean;
  /** Resolves as soon as something is so, which the session changes. */
  until(condition: () => boolean): Promise<void>;
}

/**
 * Waits until a client has gone, or does nothing: a request that it sent before it was told to go has then
 * had the time to arrive, twice as long as it took to tell it.
 */
export async function whenIdle(session: BusySession, look: Look): Promise<void> {
  const start = performance.now();
  await settlesWithin(look.told, ANNOUNCE_MS);
  const graceMs = Math.max(MIN_GRACE_MS, 2 * (performance.now() - start));
  let streams: number;
  do {
    await look.until(() => session.requests === 0);
    streams = session.streams;
    if (await settlesWithin(look.until(look.isGone), graceMs)) return;
  } while (session.requests > 0 || session.streams > streams);
}
