import { TURN_BOUNDS_MS, turnQuantile } from "../../ffi/msquic/events/turn_times.ts";
import {
  type LoopStats,
  type SessionStats,
  type SystemStatsResponse,
  TURN_QUANTILES,
} from "../../protocol/mod.ts";
import type { LoopFacts, ToldWorker } from "./told_worker.ts";

/** What a worker has done, and how it is. */
export function describeStats(worker: ToldWorker): SystemStatsResponse {
  const { port, uptimeMs, counters } = worker;
  return {
    ...{ port, pid: Deno.pid, uptimeMs, counters },
    loop: loopStats(worker.loop),
    sessions: { handshaking: worker.handshaking, ...sessionStats(worker.sessions) },
    actions: worker.actions,
  };
}

function loopStats({ turns, turnTimes }: LoopFacts): LoopStats {
  const quantiles = Object.entries(TURN_QUANTILES).map(([name, share]) =>
    [name, turnQuantile(turnTimes, share)] as const
  );
  return {
    turns,
    boundsMs: [...TURN_BOUNDS_MS],
    counts: Array.from(turnTimes),
    // None for those above all bounds.
    quantilesMs: Object.fromEntries(quantiles.filter(([, bound]) => Number.isFinite(bound))),
  };
}

function sessionStats(sessions: ToldWorker["sessions"]): SessionStats {
  const stats = { authenticating: 0, active: 0, draining: 0, closing: 0 };
  for (const { state } of sessions) stats[state]++;
  return stats;
}
