import { connect } from "../../client/mod.ts";
import type { Access } from "./access.ts";

/** From one attempt to the next, in milliseconds: what a measurement can be too long by. */
const INTERVAL_MS = 25;

/** How long one attempt may take, in milliseconds. */
const ATTEMPT_MS = 500;

/** A port did not answer in time. */
export class ProbeError extends Error {
  override readonly name = "ProbeError";
  readonly code = "probe-failed";
}

/**
 * Waits until a port answers a ping on a new connection. A packet to a port that nobody has is lost, and
 * would be sent again only a second later: so attempts are begun one after another, and the first that
 * succeeds counts.
 *
 * @returns How long it took, in milliseconds.
 * @throws {ProbeError} If it does not within `deadlineMs`.
 */
export async function untilServed(
  access: Access,
  port: number,
  deadlineMs: number,
): Promise<number> {
  const start = performance.now();
  const done = new AbortController();
  const attempts = new Set<Promise<void>>();
  const { promise: served, resolve } = Promise.withResolvers<void>();
  async function attempt(): Promise<void> {
    try {
      const signal = AbortSignal.any([done.signal, AbortSignal.timeout(ATTEMPT_MS)]);
      const server = `127.0.0.1:${port}`;
      await using client = await connect({ ...access, server, signal, reconnectTimeoutMs: 0 });
      await client.ping({ signal });
      resolve();
    } catch {
      // Another attempt is on its way.
    }
  }
  const begin = () => {
    const running: Promise<void> = attempt().finally(() => attempts.delete(running));
    attempts.add(running);
  };
  begin();
  const timer = setInterval(begin, INTERVAL_MS);
  const limit = setTimeout(() => done.abort(), deadlineMs);
  const late = new Promise<void>((resolve) => {
    done.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await Promise.race([served, late]);
  const ms = performance.now() - start;
  const tooLate = done.signal.aborted;
  clearInterval(timer);
  clearTimeout(limit);
  done.abort();
  await Promise.all(attempts);
  if (tooLate) throw new ProbeError(`Port ${port} does not answer within ${deadlineMs} ms`);
  return ms;
}
