import { kernel32 } from "../libraries/kernel32.ts";
import { libc } from "../libraries/libc.ts";
import { changeSettings } from "./change_settings.ts";
import { readStatistics } from "./connection_statistics.ts";
import type { Handle } from "./handle.ts";

/** How long MsQuic has an acknowledgement wait for more to acknowledge, in milliseconds. */
const ACK_DELAY_MS = 25;

/** It waits for this share of a round trip at most. */
const ACK_DELAY_SHARE = 1 / 4;

const CLOCK_MONOTONIC = 1;

let shortest: number | undefined;

/**
 * The shortest delay of acknowledgements that a peer may ask of MsQuic on this system, in milliseconds: what
 * its timers can (`TimerResolutionMs` in `core/library.c`), 1 on Linux and 16 on Windows. To be asked for
 * less is a PROTOCOL_VIOLATION to it, which ends the connection. QUIC tells it the peer's MsQuic
 * (`min_ack_delay`, QUIC Acknowledgment Frequency section 3), which does not heed it, and tells nobody.
 */
export function minAckDelayMs(): number {
  return shortest ??= Math.floor(timerResolutionMs()) + 1;
}

/**
 * Acknowledges sooner where the path is short, and asks the peer for the same (the ACK_FREQUENCY frame):
 * MsQuic has many packets acknowledged at once where it sends many at once, and BBR, which a slow reader has
 * brought down to a few packets, was otherwise told of them only every 25 ms, and took that for the path's
 * rate.
 *
 * @param peerMinMs What may be asked of the peer, in milliseconds: its {@linkcode minAckDelayMs}.
 */
export function suitAckDelay(connection: Handle, peerMinMs: number): void {
  const share = Math.floor(ACK_DELAY_SHARE * readStatistics(connection).minRttUs / 1000);
  const maxAckDelayMs = Math.max(1, share, Math.ceil(peerMinMs));
  if (maxAckDelayMs < ACK_DELAY_MS) changeSettings(connection, { maxAckDelayMs });
}

/** As MsQuic asks for it (`CxPlatGetTimerResolution`). */
function timerResolutionMs(): number {
  if (Deno.build.os === "windows") {
    const [adjustment, increment, disabled] = [1, 1, 1].map((words) => new Uint32Array(words));
    const known = kernel32.GetSystemTimeAdjustment(adjustment!, increment!, disabled!) !== 0;
    return known ? increment![0]! / 10_000 : ACK_DELAY_MS;
  }
  const [seconds, nanoseconds] = [0, 1];
  const resolution = new BigInt64Array(2);
  if (libc.clock_getres(CLOCK_MONOTONIC, new Uint8Array(resolution.buffer)) !== 0) {
    return ACK_DELAY_MS;
  }
  return Number(resolution[seconds]) * 1000 + Number(resolution[nanoseconds]) / 1e6;
}
