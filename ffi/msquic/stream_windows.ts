import { changeSettings } from "./change_settings.ts";
import type { Handle } from "./handle.ts";

/**
 * Limits how far the receive windows of a connection's streams grow. To be called when it is connected.
 *
 * MsQuic doubles a window whose reader keeps up, and stops at what the settings say of the connection's
 * own. That was told to the peer in the handshake, and is only read as this bound from then on: so one
 * stream would come to have all of it, and if its reader stopped, nothing would come on any other.
 *
 * @param limit In bytes; none of its own by default.
 */
export function limitStreamWindows(connection: Handle, limit: number | undefined): void {
  if (limit === undefined) return;
  changeSettings(connection, { connFlowControlWindow: limit });
}
