import type { Settings } from "./config_key.ts";
import { KEYS, type Keys } from "./keys.ts";
import { defaultsOf } from "./read_key.ts";

/** When and how a worker that has died is started again. */
export type RestartPolicy = Settings<Keys["restart"]["keys"]>;

/** What holds where nothing else is said. */
export const DEFAULT_RESTART_POLICY: RestartPolicy = defaultsOf(
  KEYS.restart.keys,
) as unknown as RestartPolicy;
