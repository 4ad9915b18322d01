import { configDigest, type WorkerConfig } from "../../ipc/mod.ts";
import { VERSION } from "../../version.ts";
import type { LeftWorker } from "./left_workers.ts";

/** Those of the ports whose workers were told to be something else than they would be told now. */
export async function outdatedAmong(
  ports: readonly number[],
  workers: ReadonlyMap<number, LeftWorker>,
  configOf: (port: number) => WorkerConfig,
): Promise<number[]> {
  const digests = await Promise.all(ports.map((port) => configDigest(configOf(port), VERSION)));
  return ports.filter((port, index) => workers.get(port)?.identity.digest !== digests[index]);
}
