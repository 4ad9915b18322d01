import { DEFAULT_CONGESTION_CONTROL, INITIAL_RTT_MS, INITIAL_WINDOW_PACKETS } from "../base/mod.ts";
import { DEFAULT_IDLE_MS } from "../base/idle_times.ts";
import type { Settings } from "../ffi/mod.ts";
import type { Defences } from "../ffi/msquic/defences.ts";

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;

/**
 * How the receive windows of streams grow, in bytes. What has come and is not read is held up to there.
 *
 * The first is what each upload has that stands still: a thousand of them, and as many downloads, take 188
 * MiB. It is more than a connection sends at first, and doubled whenever a quarter of it has been read, which is faster than a connection
 * begins to send. The usual one is enough for a disk that
 * writes in bursts, and for 300 Mbit/s at 100 ms of round trip. The largest is twice what 1 Gbit/s has under
 * way at 200 ms.
 */
export const STREAM_WINDOWS = {
  first: 128 * KIBIBYTE,
  usual: 4 * MEBIBYTE,
  most: 64 * MEBIBYTE,
} as const;

const LEAST_MEMORY = 64 * MEBIBYTE;
const MOST_MEMORY = 512 * MEBIBYTE;
const MEMORY_SHARE = 1 / 16;

/**
 * What all clients together may make a server hold where nothing is said, in bytes: a sixteenth of the
 * machine's memory, at least 64 MiB and at most 512 MiB.
 */
export function defaultMemoryBudget(machineBytes: number): number {
  const share = Math.floor(machineBytes * MEMORY_SHARE);
  return Math.min(Math.max(share, LEAST_MEMORY), MOST_MEMORY);
}

/**
 * How a worker defends itself against what comes before there is a connection. MsQuic's own numbers are for
 * threads of its own, of which each looks at its queue all the time.
 */
export const DEFENCES: Defences = {
  // A handshake takes a millisecond of the processor, and 36 KiB for up to ten seconds. Honest clients that
  // come at once are through in less than a second; a Retry costs them a round trip more.
  handshakes: 256,
  // A worker whose work waits for so long has enough to do. Its turns are shorter by far, but busy machines
  // stop now and then, and whoever is refused then has to come again, which is worse than to wait.
  maxQueueDelayMs: 1000,
  // What comes in one turn: with MsQuic's 16, most clients would not hear of a Retry in a flood, nor, from a
  // worker that has taken the place of one that was killed, that their connections are no more.
  statelessAnswers: 1024,
  // 100,000 in a second, each of which takes some microseconds and is shorter than what it answers.
  statelessAnswersOfPort: 10_000,
  statelessMs: 100,
};

/** How a server's connections behave. */
export const SERVER_SETTINGS = {
  idleTimeoutMs: DEFAULT_IDLE_MS,
  handshakeIdleTimeoutMs: 10_000,
  // A client that vanished without a word, in the middle of an upload perhaps, holds up a worker that is
  // to leave for so long at most. This project's clients bear with a server for 3 s.
  disconnectTimeoutMs: 5000,
  // Each request is a stream: how many of a client's requests may run at once.
  peerBidiStreamCount: 256,
  peerUnidiStreamCount: 0,
  resumption: true,
  streamRecvWindow: STREAM_WINDOWS.first,
  // Of a client's transfers, fifteen may stand still with the largest windows, and all else goes on.
  connFlowControlWindow: 16 * STREAM_WINDOWS.most,
  congestionControl: DEFAULT_CONGESTION_CONTROL,
  initialWindowPackets: INITIAL_WINDOW_PACKETS,
  initialRttMs: INITIAL_RTT_MS,
  datagrams: true,
  // Answers are sent from the memory they are in, and a send that is done has arrived.
  sendBuffering: false,
} as const satisfies Settings;
