import { getLogger } from "@logtape/logtape";
import { delay } from "../base/mod.ts";
import type { Address } from "../ffi/mod.ts";
import type { Link } from "./link.ts";
import { toError } from "./unreached.ts";

const logger = getLogger(["msquicd", "client"]);

/** A client that is done sooner does not follow at all, in milliseconds. */
const FOLLOW_AFTER_MS = 250;

/** A client that waits for the other server waits for so long, in milliseconds, if the path is short. */
const FOLLOW_MS = 300;

/** How many round trips it may take. */
const FOLLOW_ROUND_TRIPS = 10;

/** How long to wait for the server where another one would rather have the client, in milliseconds. */
export function followLimit(roundTripMs: number, mostMs: number): number {
  return Math.min(mostMs, Math.max(FOLLOW_MS, FOLLOW_ROUND_TRIPS * roundTripMs));
}

/**
 * Connects to where a server has said that it would rather have the client. That may be a port which cannot be reached from here: then the client stays, and has not waited.
 *
 * @param isWanted Whether the client is still where it was told that.
 * @returns `undefined` if there is no such place, or it cannot be reached.
 */
export async function follow(
  from: Link,
  port: number | undefined,
  dial: (server: Address) => Promise<Link>,
  isWanted: () => boolean,
  signal: AbortSignal,
): Promise<Link | undefined> {
  if (port === undefined) return undefined;
  try {
    await delay(FOLLOW_AFTER_MS, signal);
    if (!isWanted()) return undefined;
    const link = await dial({ ...from.address, port });
    if (isWanted() && !signal.aborted) return link;
    await link.close();
  } catch (error) {
    if (signal.aborted) return undefined;
    const { server } = from;
    logger.debug("Stays with {server}: {reason}", { server, reason: toError(error).message });
  }
  return undefined;
}
