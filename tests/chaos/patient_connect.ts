import { type Client, connect } from "../../client/mod.ts";
import type { LoadOrder } from "./access.ts";

/** How long no worker at all may be there, in milliseconds: the manager is killed and started again. */
export const PATIENCE_MS = 40_000;

/**
 * Connects, and tries again while nobody is there.
 *
 * @throws What the last attempt failed with.
 */
export function connectPatiently({ server, token, fingerprint }: LoadOrder): Promise<Client> {
  return connect({
    ...{ server, token, fingerprint },
    ...{ timeoutMs: 1000, retryForMs: PATIENCE_MS, waitForServerMs: PATIENCE_MS },
  });
}
