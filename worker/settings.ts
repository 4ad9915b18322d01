import { DEFAULT_CONGESTION_CONTROL, INITIAL_RTT_MS, INITIAL_WINDOW_PACKETS } from "../base/mod.ts";
import type { Settings } from "../ffi/mod.ts";

const MEBIBYTE = 1024 * 1024;

/** The most that waits here, in bytes, for the reader of one stream. */
const STREAM_WINDOW_LIMIT = 8 * MEBIBYTE;

/** How a server's connections behave. */
export const SERVER_SETTINGS = {
  idleTimeoutMs: 30_000,
  handshakeIdleTimeoutMs: 10_000,
  // A client that vanished without a word, in the middle of an upload perhaps, holds up a worker that is
  // to leave for so long at most. This project's clients bear with a server for 3 s.
  disconnectTimeoutMs: 5000,
  // Each request is a stream: how many of a client's requests may run at once.
  peerBidiStreamCount: 256,
  peerUnidiStreamCount: 0,
  resumption: true,
  // What a client may have under way, and so the most that MsQuic holds for it. A stream begins with
  // what fills 3 Gbit/s at 10 ms of round trip, and doubles it where that is little; as a client is
  // faster than a disk, its uploads always fill it.
  streamRecvWindow: 4 * MEBIBYTE,
  streamRecvWindowLimit: STREAM_WINDOW_LIMIT,
  // Of a client's transfers, fifteen may stand still with full windows, and all else goes on.
  connFlowControlWindow: 16 * STREAM_WINDOW_LIMIT,
  congestionControl: DEFAULT_CONGESTION_CONTROL,
  initialWindowPackets: INITIAL_WINDOW_PACKETS,
  initialRttMs: INITIAL_RTT_MS,
  // Answers are sent from the memory they are in, and a send that is done has arrived.
  sendBuffering: false,
} as const satisfies Settings;
