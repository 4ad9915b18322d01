import type { Configuration } from "./configuration.ts";
import type { Handle } from "./handle.ts";
import { suitPath } from "./path_settings.ts";
import { takeTurns } from "./send_order.ts";
import { limitStreamWindows, ReceiveWindows } from "./stream_windows.ts";

/**
 * Sets what MsQuic takes, or what is known, only once a connection is connected.
 *
 * @returns The windows of its streams, if something bounds them together with those of others.
 */
export function setConnected(
  connection: Handle,
  { windowGrowth, streamRecvWindowLimit, disconnectTimeoutMs }: Configuration,
): ReceiveWindows | undefined {
  takeTurns(connection);
  const windows = windowGrowth && new ReceiveWindows(connection, windowGrowth);
  if (windows === undefined) limitStreamWindows(connection, streamRecvWindowLimit);
  suitPath(connection, disconnectTimeoutMs);
  return windows;
}
