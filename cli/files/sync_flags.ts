import type { TransferFlags } from "./connection_flags.ts";
import type { TreeFlags } from "./tree_flags.ts";

/** What `sync` takes. */
export interface SyncFlags
  extends TransferFlags, Omit<TreeFlags, "overwrite" | "update" | "filesFrom"> {
  up: boolean;
  down: boolean;
  watch: boolean;
  streams?: number;
  resume: boolean;
  verbose: boolean;
  quiet: boolean;
  json: boolean;
}
