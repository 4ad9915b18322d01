import { encodeMessage, type GoAway, messages } from "../../protocol/mod.ts";
import type { PeerConnection } from "../transport.ts";

/**
 * Tells a client that this server is going away, on a stream that this side opens.
 *
 * @returns Resolves when the client has got it, cannot get it as it allows no streams, or is gone; never rejects.
 */
export async function announce(connection: PeerConnection, goAway: GoAway): Promise<void> {
  try {
    if (connection.openableStreams === 0) return;
    const stream = await connection.openStream();
    const message = encodeMessage({ type: messages.goaway.type, body: goAway });
    const sent = stream.send(message, { fin: true });
    stream.abortReceive();
    await sent;
  } catch {
    // Whoever cannot be told notices at the latest when the connection ends.
  }
}
