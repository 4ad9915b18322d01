import { createHash } from "node:crypto";
import type { WorkerConfig } from "./worker_config.ts";

/**
 * Tells workers apart that were told to be different things, also where only the program, or the
 * certificate in its file, is another.
 *
 * @param certificate PEM of the certificate that the configuration names.
 * @param version Of the program.
 * @returns SHA-256 in lower-case hex.
 */
export function configDigest(config: WorkerConfig, certificate: string, version: string): string {
  // Where the storage was seen last changes by itself, and is nothing that was told to be.
  const settings = { ...config, rootMark: config.rootMark?.id };
  const sorted = Object.entries(settings).toSorted(([a], [b]) => a < b ? -1 : 1);
  const hash = createHash("sha256");
  return hash.update(JSON.stringify([version, certificate, sorted])).digest("hex");
}
