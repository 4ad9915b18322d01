import type { CopyingFlags } from "./copying.ts";
import type { TreeFlags } from "./tree_flags.ts";

/** What `sync` takes. */
export interface SyncFlags
  extends CopyingFlags, Omit<TreeFlags, "overwrite" | "update" | "filesFrom"> {
  up: boolean;
  down: boolean;
  watch: boolean;
  quiet: boolean;
  json: boolean;
}
