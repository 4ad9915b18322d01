import { getLogger } from "@logtape/logtape";
import { actionMark } from "../../ipc/action_mark.ts";

const logger = getLogger(["msquicd", "manager"]);

/**
 * Ends what a worker that was killed has left of the actions that it ran for clients: it could not do so
 * itself, and nobody else keeps their deadlines.
 *
 * @param segment Name of its shared memory.
 */
export async function endActionsOf(segment: string): Promise<void> {
  try {
    // Only where a worker has died: a manager starts without.
    const { endMarked } = await import("../../ffi/process/start_group.ts");
    const count = await endMarked(actionMark(segment));
    if (count === 0) return;
    logger.warning("Ended processes of actions, as their worker had died: {count}", { count });
  } catch (error) {
    logger.error("Cannot look for what a dead worker has left of its actions: {error}", { error });
  }
}
