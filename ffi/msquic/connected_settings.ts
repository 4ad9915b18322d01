import type { Configuration } from "./configuration.ts";
import type { Handle } from "./handle.ts";
import { suitPath } from "./path_settings.ts";
import { takeTurns } from "./send_order.ts";
import { limitStreamWindows } from "./stream_windows.ts";

/** Sets what MsQuic takes, or what is known, only once a connection is connected. */
export function setConnected(connection: Handle, configuration: Configuration): void {
  takeTurns(connection);
  limitStreamWindows(connection, configuration.streamRecvWindowLimit);
  suitPath(connection, configuration.disconnectTimeoutMs);
}
