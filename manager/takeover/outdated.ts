import { configDigest, type WorkerConfig } from "../../ipc/mod.ts";
import { VERSION } from "../../version.ts";
import type { LeftWorker } from "./left_workers.ts";

/** Those of the ports whose workers were told to be something else than they would be told now. */
export async function outdatedAmong(
  ports: readonly number[],
  workers: ReadonlyMap<number, LeftWorker>,
  configOf: (port: number) => WorkerConfig,
): Promise<number[]> {
  const outdated: number[] = [];
  for (const port of ports) {
    const config = configOf(port);
    const certificate = await Deno.readTextFile(config.certificateFile);
    const digest = configDigest(config, certificate, VERSION);
    if (workers.get(port)?.identity.digest !== digest) outdated.push(port);
  }
  return outdated;
}
