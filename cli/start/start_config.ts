import {
  loadConfigFile,
  type ManagerConfig,
  mergeFlags,
  resolveConfig,
} from "../../manager/mod.ts";
import { keyFlagsOf, type StartFlags } from "./start_flags.ts";

/** What a manager is started with. */
export interface StartConfig {
  config: ManagerConfig;
  /** Path of the configuration file, if there is one. */
  file: string | undefined;
}

/** Puts together what flags, configuration file and defaults say. */
export async function startConfig(flags: StartFlags): Promise<StartConfig> {
  const loaded = await loadConfigFile(flags.config);
  const config = resolveConfig(mergeFlags(loaded?.flags ?? {}, keyFlagsOf(flags)));
  return { config, file: loaded?.path };
}
