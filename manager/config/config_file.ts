import { dirname, resolve } from "node:path";
import { absolutePath, NoCurrentDirectoryError } from "../../base/mod.ts";
import type { ManagerFlags } from "./config.ts";
import { ConfigNotFoundError } from "./config_errors.ts";
import type { ConfigFile } from "./config_schema.ts";

/** Name of the configuration file that is read where none is named, if it is there. */
export const CONFIG_FILE = "msquicd.jsonc";

/** A configuration file that was read. */
export interface LoadedConfig {
  /** Absolute path. */
  path: string;
  /** What it says, as flags. */
  flags: ManagerFlags;
}

/**
 * Reads a configuration file.
 *
 * @param named Path of the file; `msquicd.jsonc` in the current directory, if there is one, by default.
 * @returns Undefined, if there is none and none was named.
 * @throws {ConfigNotFoundError} If the one that was named is not there.
 * @throws {InvalidConfigError} If it cannot be used.
 */
export async function loadConfigFile(named?: string): Promise<LoadedConfig | undefined> {
  const path = named === undefined ? pathHere() : absolutePath(named);
  if (path === undefined) return undefined;
  const text = await readIfThere(path);
  if (text === undefined) {
    if (named === undefined) return undefined;
    throw new ConfigNotFoundError(path);
  }
  // Most starts have no file, and need not wait for what it takes to read one.
  const { parseConfig } = await import("./parse_config.ts");
  return { path, flags: flagsOf(parseConfig(text, path), path) };
}

/** Settings of a file as flags; paths in it start from its own folder. */
function flagsOf(file: ConfigFile, path: string): ManagerFlags {
  const { $schema: _schema, ports, root, handlers, tasks, overrides, ...others } = file;
  const { auditFile, certificateFile, privateKeyFile, clientCa, spreadModule, ...rest } = others;
  const fromHere = (one: string) => resolve(dirname(path), one);
  return {
    ...rest,
    ...(ports === undefined ? {} : { ports: Array.isArray(ports) ? ports.join(",") : ports }),
    ...(root === undefined ? {} : { root: resolve(dirname(path), root) }),
    ...(auditFile === undefined ? {} : { auditFile: fromHere(auditFile) }),
    ...(certificateFile === undefined ? {} : { certificateFile: fromHere(certificateFile) }),
    ...(privateKeyFile === undefined ? {} : { privateKeyFile: fromHere(privateKeyFile) }),
    ...(clientCa === undefined ? {} : { clientCa: fromHere(clientCa) }),
    ...(spreadModule === undefined ? {} : { spreadModule: fromHere(spreadModule) }),
    ...(handlers === undefined ? {} : { handlers: handlers.map(fromHere) }),
    ...(tasks === undefined ? {} : { tasks: tasks.map(fromHere) }),
    ...(overrides === undefined ? {} : {
      overrides: new Map(Object.entries(overrides).map(([port, value]) => [Number(port), value])),
    }),
  };
}

/** Where the file is that is read without being named; nowhere, if the current directory is gone. */
function pathHere(): string | undefined {
  try {
    return absolutePath(CONFIG_FILE);
  } catch (error) {
    if (error instanceof NoCurrentDirectoryError) return undefined;
    throw error;
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
