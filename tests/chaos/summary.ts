import type { Arena } from "./arena.ts";
import type { Ledger } from "./load.ts";

/** What was done, what it cost, and how long it took to get over it. */
export function summarize(arena: Arena, ledger: Ledger): string {
  const uploads = [...ledger.uploads.values()];
  const stored = uploads.filter(({ acknowledgements }) => acknowledgements > 0);
  const lost = uploads.filter(({ acknowledgements }) => acknowledgements === 0);
  const done = Array.from(arena.timeline.counts, ([kind, count]) => `${count} ${kind}`);
  const { requests, requestBytes, requestsLost, slowestMs } = ledger;
  return [
    `disturbances    ${done.join(", ")}`,
    `uploads         ${uploads.length} sent, ${stored.length} acknowledged, ${lost.length} lost`,
    `upload bytes    ${bytes(uploads)} sent, ${bytes(stored)} acknowledged, ${bytes(lost)} lost`,
    `requests        ${
      requests + requestsLost
    } sent, ${requests} answered, ${requestsLost} lost; ` +
    `${megabytes(requestBytes)} back; slowest ${Math.round(slowestMs)} ms`,
    `serves again    after SIGKILL of a worker: ${distribution(arena.restartTimes)}`,
    `                after SIGSTOP of a worker: ${distribution(arena.stallTimes)}`,
    `started again   after SIGKILL of the manager: ${distribution(arena.startTimes)}`,
  ].join("\n");
}

function bytes(uploads: readonly { size: number }[]): string {
  return megabytes(uploads.reduce((sum, { size }) => sum + size, 0));
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function distribution(times: readonly number[]): string {
  if (times.length === 0) return "none";
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms (${sorted.length} times)`;
}
