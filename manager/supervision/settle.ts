import { getLogger } from "@logtape/logtape";
import type { Supervisor } from "./supervisor.ts";

const logger = getLogger(["msquicd", "manager"]);

/** What is to become of workers that were there before their manager. */
export interface SettleOptions {
  /** Ports of those that were told to be something else than is configured now. */
  outdated: readonly number[];
  /** Ports of those that are more than planned. */
  surplus: readonly number[];
  /** How long they may go on with what is under way, in milliseconds. */
  deadlineMs: number;
}

/** Replaces workers that are outdated, one after the other, and has those leave that are too many. */
export async function settle(
  supervisor: Supervisor,
  { outdated, surplus, deadlineMs }: SettleOptions,
): Promise<void> {
  const leaving = { now: false, deadlineMs };
  try {
    if (outdated.length > 0) {
      logger.info("Workers {ports} were configured otherwise: they are replaced one by one", {
        ports: outdated.join(", "),
      });
      await supervisor.restart([...outdated], { ...leaving, rolling: true });
    }
    if (surplus.length > 0) {
      logger.info("Workers {ports} are more than planned: they leave", {
        ports: surplus.join(", "),
      });
      await Promise.all(surplus.map((port) => supervisor.dismiss(port, leaving)));
    }
  } catch (error) {
    logger.warning("Not all workers are as configured: {error}", { error });
  }
}
