import { removeIfThere } from "../../base/mod.ts";
import { join } from "node:path";
import type { StorageRoot } from "./storage_root.ts";

/** What is used of quotas is in this file, in the storage's own directory. */
export const USAGE_FILE = "usage";

/** Has what is used of quotas be counted anew: files may have been changed while no server ran. */
export async function forgetUsage({ staging }: StorageRoot): Promise<void> {
  await removeIfThere(join(staging, "..", USAGE_FILE));
}
