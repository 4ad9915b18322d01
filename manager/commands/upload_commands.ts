import type { CommandContext } from "../../handlers/commands/mod.ts";
import type { RootMark } from "../../ipc/mod.ts";
import { holdStorage, openStorageRoot } from "../../transfer/mod.ts";
import type { ManagerConfig } from "../config/config.ts";
import { keptUploads, removeUploads } from "./kept_uploads.ts";

/**
 * What commands can do about interrupted uploads: those of all workers, which share a directory.
 *
 * @param mark By which the storage is known: nothing is done in what has taken its place.
 */
export function uploadCommands(
  { root }: ManagerConfig,
  mark: RootMark,
): Pick<CommandContext, "uploads" | "removeUploads"> {
  async function inStaging<Result>(action: (staging: string) => Promise<Result>): Promise<Result> {
    using storage = holdStorage(await openStorageRoot(root, mark));
    return await action(storage.staging);
  }
  return {
    uploads: () => inStaging(keptUploads),
    removeUploads: (selection) => inStaging((staging) => removeUploads(staging, selection)),
  };
}
