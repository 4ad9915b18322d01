/** The shortest and the longest that a connection may be idle, in milliseconds. */
export const MIN_IDLE_MS = 1000;
export const MAX_IDLE_MS = 3_600_000;

/** How long a connection may be idle where nothing is said, in milliseconds. */
export const DEFAULT_IDLE_MS = 30_000;

/** After how long without traffic a client asks for a sign of life where nothing is said, in milliseconds. */
export const DEFAULT_KEEP_ALIVE_MS = 10_000;

/** So often within the idle timeout at least: two signs of life may get lost. */
const SIGNS = 3;

/**
 * After how long without traffic to ask for a sign of life.
 *
 * @param keepAliveMs What is wanted, in milliseconds; 0 for never.
 * @param idleTimeoutMs The shortest idle timeout that is known, on either side (RFC 9000 section 10.1).
 */
export function keepAliveWithin(keepAliveMs: number, idleTimeoutMs: number): number {
  return Math.min(keepAliveMs, Math.floor(idleTimeoutMs / SIGNS));
}
