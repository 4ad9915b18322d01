import { connect } from "../../client/mod.ts";
import type { Access } from "./access.ts";
import { Knocker } from "./knocker.ts";

/** How long one connection may take that follows an answer, in milliseconds. */
const ATTEMPT_MS = 1000;

/** A port did not answer in time. */
export class ProbeError extends Error {
  override readonly name = "ProbeError";
  readonly code = "probe-failed";
}

/**
 * Waits until a port answers a ping on a new connection.
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
  const passedMs = () => performance.now() - start;
  await using knocker = await Knocker.open(port);
  let last: unknown = "no sign of it";
  while (passedMs() < deadlineMs) {
    // A client's own first packet would be sent again only after a second, if nobody is there.
    if (!await knocker.answered(deadlineMs - passedMs())) break;
    try {
      await ping(access, port);
      return passedMs();
    } catch (error) {
      last = error; // it may have died again
    }
  }
  throw new ProbeError(`Port ${port} does not answer within ${deadlineMs} ms: ${last}`);
}

async function ping(access: Access, port: number): Promise<void> {
  const signal = AbortSignal.timeout(ATTEMPT_MS);
  const server = `127.0.0.1:${port}`;
  await using client = await connect({ ...access, server, signal, failover: false });
  await client.ping({ signal });
}
