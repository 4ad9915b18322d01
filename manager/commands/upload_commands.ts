import { keptUploads, removeUploads, stagingIn } from "../../handlers/commands/mod.ts";
import type { CommandContext } from "../../handlers/commands/mod.ts";
import type { ManagerConfig } from "../config/config.ts";

/** What commands can do about interrupted uploads: those of all workers, which share a directory. */
export function uploadCommands(
  { root }: ManagerConfig,
): Pick<CommandContext, "uploads" | "removeUploads"> {
  const staging = stagingIn(root);
  return {
    uploads: () => keptUploads(staging),
    removeUploads: (selection) => removeUploads(staging, selection),
  };
}
