import {
  encodeMessage,
  type Farewell,
  type GoAway,
  messages,
  type ServerEndReason,
} from "../../protocol/mod.ts";
import type { PeerConnection } from "../transport.ts";

/** How long a client may take to get it before its session ends, in milliseconds. */
export const ANNOUNCE_MS = 1000;

/**
 * Tells a client that this server is going away, on a stream that this side opens.
 *
 * @returns Resolves when the client has got it, cannot get it as it allows no streams, or is gone; never rejects.
 */
export function announce(connection: PeerConnection, goAway: GoAway): Promise<void> {
  return notify(connection, messages.goaway.type, goAway);
}

/** Tells a client in the same way that its session ends, and why. */
export function bidFarewell(
  connection: PeerConnection,
  reason: ServerEndReason,
  message: string | undefined,
): Promise<void> {
  const farewell: Farewell = message === undefined ? { reason } : { reason, message };
  return notify(connection, messages.farewell.type, farewell);
}

async function notify(connection: PeerConnection, type: number, body: object): Promise<void> {
  try {
    if (connection.openableStreams === 0) return;
    const stream = await connection.openStream();
    const message = encodeMessage({ type, body });
    const sent = stream.send(message, { fin: true });
    stream.abortReceive();
    await sent;
  } catch {
    // Whoever cannot be told notices at the latest when the connection ends.
  }
}
