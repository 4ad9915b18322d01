import { MANAGEMENT_COMMANDS } from "../../handlers/commands/mod.ts";
import { routesOf } from "../definition/routes.ts";
import { UsageError } from "../errors.ts";
import { checkConfigCommand } from "./config_check.ts";

/** The commands of a manager: as their definitions say, and what is special about them here. */
export const managementRoutes = routesOf(MANAGEMENT_COMMANDS, {
  faces: {
    "uploads.rm": {
      check({ ids, olderThanMs }) {
        if ((ids === undefined) !== (olderThanMs === undefined)) return;
        throw new UsageError(
          "Name the uploads to remove by their ids, or give --older TIME, not both",
        );
      },
    },
    shutdown: {
      async run(context, instance, { now }) {
        const { shutdownManager, StateDirectory } = await import("../../manager/control/mod.ts");
        using interruption = context.interruption();
        return await shutdownManager(new StateDirectory(instance), {
          now: now === true,
          signal: interruption.signal,
        });
      },
    },
  },
  members: { config: { check: checkConfigCommand } },
});
