import { changeSettings } from "./change_settings.ts";
import { readStatistics } from "./connection_statistics.ts";
import type { Handle } from "./handle.ts";
import type { Settings } from "./settings.ts";

/** So many round trips are allowed for an acknowledgement: time for two probes (RFC 9002 section 6.2). */
const ROUND_TRIPS = 10;

/** MsQuic's own limit: no peer gets more by being slow on purpose. */
const MOST_MS = 16_000;

/**
 * Suits a connection's settings to its path. To be called when it is connected.
 *
 * Where the path is so long that a probe or its answer that is lost would be the end of the connection, it
 * waits longer for acknowledgements than its configuration says.
 *
 * A path that the peer moves to later begins with the round trip of this one. MsQuic, up to 2.6, never notes
 * on which path it has sent a packet (`PathId` in `sent_packet_metadata.h`), and so measures none there; with
 * the 333 ms that it begins with otherwise, it took 2 s to give the old path up, and CUBIC took each probe
 * that was lost there for congestion.
 *
 * @param disconnectTimeoutMs What its configuration says, if anything.
 */
export function suitPath(connection: Handle, disconnectTimeoutMs = Infinity): void {
  const { rttUs } = readStatistics(connection);
  const settings: Settings = { initialRttMs: Math.max(1, Math.ceil(rttUs / 1000)) };
  const patienceMs = Math.min(Math.ceil(ROUND_TRIPS * rttUs / 1000), MOST_MS);
  if (patienceMs > disconnectTimeoutMs) settings.disconnectTimeoutMs = patienceMs;
  changeSettings(connection, settings);
}
