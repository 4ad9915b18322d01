import { delay } from "../../base/mod.ts";
import { type Client, connect, isInterruption } from "../../client/mod.ts";
import type { LoadOrder } from "./access.ts";

/** How long no worker at all may be there, in milliseconds: the manager is killed and started again. */
export const PATIENCE_MS = 40_000;

const PAUSE_MS = 100;

/**
 * Connects, and tries again while nobody is there.
 *
 * @throws What the last attempt failed with.
 */
export async function connectPatiently({ server, token, fingerprint }: LoadOrder): Promise<Client> {
  const endsAt = performance.now() + PATIENCE_MS;
  const options = { server, token, fingerprint };
  for (;;) {
    try {
      return await connect({ ...options, timeoutMs: 1000, reconnectTimeoutMs: PATIENCE_MS });
    } catch (error) {
      if (performance.now() > endsAt || !isNobodyThere(error)) throw error;
    }
    await delay(PAUSE_MS);
  }
}

function isNobodyThere(error: unknown): boolean {
  if (isInterruption(error)) return true;
  return error instanceof Error && "code" in error && typeof error.code === "string" &&
    /^(connect-|connection-|unreachable)/.test(error.code);
}
