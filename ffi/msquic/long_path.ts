import { changeSettings } from "./change_settings.ts";
import { readStatistics } from "./connection_statistics.ts";
import type { Handle } from "./handle.ts";

/** So many round trips are allowed for an acknowledgement: time for two probes (RFC 9002 section 6.2). */
const ROUND_TRIPS = 10;

/** MsQuic's own limit: no peer gets more by being slow on purpose. */
const MOST_MS = 16_000;

/**
 * Has a connection wait longer for acknowledgements than its configuration says, if its path is so long
 * that a probe or its answer that is lost would be the end of it. To be called when it is connected.
 *
 * @param disconnectTimeoutMs What its configuration says, if anything.
 */
export function allowForLongPath(
  connection: Handle,
  disconnectTimeoutMs: number | undefined,
): void {
  if (disconnectTimeoutMs === undefined) return;
  const { rttUs } = readStatistics(connection);
  const wantedMs = Math.min(Math.ceil(ROUND_TRIPS * rttUs / 1000), MOST_MS);
  if (wantedMs > disconnectTimeoutMs) {
    changeSettings(connection, { disconnectTimeoutMs: wantedMs });
  }
}
