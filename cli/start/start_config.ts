import {
  loadConfigFile,
  type ManagerConfig,
  mergeFlags,
  resolveConfig,
} from "../../manager/mod.ts";
import type { StartFlags } from "../commands/start.ts";

/** What a manager is started with. */
export interface StartConfig {
  config: ManagerConfig;
  /** Path of the configuration file, if there is one. */
  file: string | undefined;
}

/** Puts together what flags, configuration file and defaults say. */
export async function startConfig(flags: StartFlags): Promise<StartConfig> {
  const {
    config: named,
    shell: _shell,
    detach: _detach,
    json: _json,
    logFile: _logFile,
    ...settings
  } = flags;
  const loaded = await loadConfigFile(named);
  const config = resolveConfig(mergeFlags(loaded?.flags ?? {}, settings));
  return { config, file: loaded?.path };
}
