import type { CommandContext } from "../../handlers/commands/mod.ts";
import type { RootMark } from "../../ipc/mod.ts";
import type { ManagerConfig } from "../config/config.ts";

/**
 * What commands can do about interrupted uploads: those of all workers, which share a directory.
 *
 * @param mark By which the storage is known: nothing is done in what has taken its place.
 */
export function uploadCommands(
  { root, instance }: ManagerConfig,
  mark: RootMark,
): Pick<CommandContext, "uploads" | "removeUploads"> {
  // Loaded when first asked for: the start of a manager does without.
  const load = () => import("./kept_uploads.ts");
  return {
    async uploads() {
      const { inStaging, keptUploads } = await load();
      return await inStaging(root, mark, keptUploads);
    },
    async removeUploads(selection) {
      const { inStaging, removeUploads } = await load();
      return await inStaging(root, mark, (staging) => removeUploads(staging, selection, instance));
    },
  };
}
