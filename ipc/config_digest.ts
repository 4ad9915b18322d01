import { createHash } from "node:crypto";
import { moduleContents } from "./module_contents.ts";
import type { WorkerConfig } from "./worker_config.ts";

/**
 * Tells workers apart that were told to be different things, also where only the program is another. The
 * certificate is none of it: a worker takes another one while it serves. What is in modules of handlers and
 * tasks is, and in that which spreads clients.
 *
 * @param version Of the program.
 * @returns SHA-256 in lower-case hex.
 */
export async function configDigest(config: WorkerConfig, version: string): Promise<string> {
  const { certificateFile: _file, privateKeyFile: _key, ...rest } = config;
  // Where the storage was seen last changes by itself, and is nothing that was told to be.
  const settings = { ...rest, rootMark: config.rootMark?.id };
  const sorted = Object.entries(settings).toSorted(([a], [b]) => a < b ? -1 : 1);
  const modules = await moduleContents(modulesOf(config));
  const hash = createHash("sha256");
  return hash.update(JSON.stringify([version, sorted, modules])).digest("hex");
}

function modulesOf({ handlers = [], tasks = [], spreadModule }: WorkerConfig): string[] {
  return [...handlers, ...tasks, ...(spreadModule === undefined ? [] : [spreadModule])];
}
