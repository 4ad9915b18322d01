import { configDigest, type WorkerConfig } from "../../ipc/mod.ts";
import { VERSION } from "../../version.ts";
import type { LeftWorker } from "./left_workers.ts";

/** Those of the ports whose workers were told to be something else than they would be told now. */
export function outdatedAmong(
  ports: readonly number[],
  workers: ReadonlyMap<number, LeftWorker>,
  configOf: (port: number) => WorkerConfig,
): number[] {
  return ports.filter((port) =>
    workers.get(port)?.identity.digest !== configDigest(configOf(port), VERSION)
  );
}
