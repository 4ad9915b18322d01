import type { BlockedTimes } from "../ffi/mod.ts";
import type { TransferTimes } from "../transfer/mod.ts";

/**
 * What took most of a transfer's time: the rate that this client was told to keep to; the path between (its
 * bandwidth, its loss, its round trips); a window that is too small for it; this side's disk; this side's
 * processor; compressing, or decompressing, on this side; or the other side, which reads, writes or sends
 * slowly. A receiver sees less than a sender: it takes a long path for the reason where it waits for bytes.
 */
export type TransferLimit =
  | "rate"
  | "network"
  | "flow-control"
  | "disk"
  | "processor"
  | "compression"
  | "peer";

/** A path, as seen from this side at the end of a transfer. */
export interface NetworkPath {
  /** Smoothed round trip in milliseconds (RFC 9002 section 5), and with it what waits in queues. */
  rttMs: number;
  /** The shortest round trip that was seen on the connection, in milliseconds. */
  minRttMs: number;
  /** Packets that this side has sent meanwhile; for a download, hardly more than acknowledgements. */
  packetsSent: number;
  /** Those of them that were lost. */
  packetsLost: number;
  /** What this side may have under way, in bytes (RFC 9002 section 7). */
  congestionWindow: number;
  /** The largest IP packet that is known to pass, in bytes. */
  mtu: number;
}

/** What is known of a transfer at its end. */
export interface TransferFigures {
  /** From its beginning to its end, in milliseconds. */
  ms: number;
  /** Bytes that were moved. */
  bytes: number;
  /** Processor time of this process meanwhile, in milliseconds. */
  processorMs: number;
  /** On this side. */
  times: TransferTimes;
  /** What the bytes that were sent had to wait for; of bytes that are received, only their sender knows. */
  blocked?: BlockedTimes | undefined;
  /** From when all bytes were acknowledged to the answer, in milliseconds; 0 for a download. */
  answerMs: number;
  /** For how long something had to wait for the client's own rate, in milliseconds. */
  rateMs: number;
  /** For how long nothing was under way, or could be written, because of compression: in milliseconds. */
  compressionMs?: number;
  path?: Pick<NetworkPath, "rttMs" | "minRttMs"> | undefined;
}

/** What is in flight, by bandwidth times delay, at least where a window is the reason. */
const FULL_WINDOW = 1024 * 1024;

/** What a path that is no longer than these, in milliseconds, can hardly be the reason of. */
const SHORT_PATH = { minRttMs: 1, rttMs: 5 };

/** Which share of the time bytes must be waited for, where they are not kept waiting themselves. */
const SPARE = 0.2;

/** From which share of its time on a process is taken for busy. */
const BUSY = 0.9;

/** What has taken most of a transfer's time, as far as it can be seen from this side. */
export function limitOf(figures: TransferFigures): TransferLimit {
  const { ms, processorMs, times, blocked, path, compressionMs = 0 } = figures;
  if (figures.rateMs >= ms / 2) return "rate";
  if (compressionMs >= ms / 2) return "compression";
  // While it waits for packets that come close together, the event loop looks for them without a pause
  // (docs/architecture.md): a busy process is the reason only where nothing else clearly is.
  const waited = blocked === undefined
    ? isQueueing(path) ? times.peerMs : 0
    : Math.max(blocked.networkMs, blocked.flowControlMs);
  if (processorMs >= BUSY * ms && waited < ms / 2) return "processor";
  const [most] = Object.entries(timeSpent(figures)).sort(([, a], [, b]) => b - a);
  return most?.[0] as TransferLimit;
}

/** Whether packets wait for those before them: somewhere, it is as slow as it can be. */
function isQueueing(path: TransferFigures["path"]): boolean {
  return path !== undefined && path.rttMs >= 2 * path.minRttMs + SHORT_PATH.rttMs;
}

/** Where the time went, in milliseconds. */
function timeSpent(figures: TransferFigures): Record<TransferLimit, number> {
  const { ms, bytes, times, blocked, answerMs, rateMs, path, compressionMs = 0 } = figures;
  // Bytes that come are waited for while they may not be read.
  const peerMs = Math.max(0, times.peerMs - rateMs);
  const rttMs = path?.rttMs ?? 0;
  const inFlight = bytes / ms * rttMs;
  const isShort = path === undefined ||
    path.minRttMs < SHORT_PATH.minRttMs && rttMs < SHORT_PATH.rttMs;
  // Where bytes come later than they could be taken, what takes them has time to spare: while it does so,
  // further ones arrive.
  const spare = blocked === undefined && peerMs >= SPARE * ms;
  const spent: Record<TransferLimit, number> = {
    rate: rateMs,
    network: 0,
    "flow-control": 0,
    disk: spare ? 0 : times.diskMs,
    processor: spare ? 0 : times.hashMs,
    compression: compressionMs,
    peer: answerMs,
  };
  if (blocked === undefined) {
    spent[isShort ? "peer" : "network"] += peerMs;
  } else {
    spent.network += blocked.networkMs;
    // With little in flight, it is the reader that is slow, and not the window that is small.
    spent[inFlight >= FULL_WINDOW ? "flow-control" : "peer"] += blocked.flowControlMs;
  }
  // What is left are round trips, where the path has long ones, or steps of programs.
  const known = spare ? ms : Object.values(spent).reduce((sum, part) => sum + part);
  spent[isShort ? "processor" : "network"] += Math.max(0, ms - known);
  return spent;
}
