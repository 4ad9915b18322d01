import { getLogger } from "@logtape/logtape";
import type { ManagerEvent } from "../../manager/mod.ts";

const logger = getLogger(["msquicd", "manager"]);

/** Writes to the log what happens in a manager. */
export function logEvent(event: ManagerEvent): void {
  switch (event.type) {
    case "worker-ready":
      // The first start is reported as a whole.
      if (event.restarts === 0) logger.debug("Worker {port} is ready, pid {pid}", event);
      else logger.info("Worker {port} is ready again, pid {pid}", event);
      break;
    case "worker-adopted":
      logger.info("Worker {port} goes on, pid {pid}: it has served without a manager", event);
      break;
    case "worker-died": {
      const { port, pid, reason } = event;
      logger.error("Worker {port} is gone, pid {pid}: {why}", { port, pid, why: reason.message });
      break;
    }
    case "worker-restarting": {
      const { port, delayMs } = event;
      const when = delayMs === 0 ? "at once" : `in ${delayMs} ms`;
      logger.info("Worker {port} is started again {when}", { port, when });
      break;
    }
    case "worker-failed": {
      const { port, reason } = event;
      logger.error("Worker {port} is not started again: {why}", { port, why: reason.message });
      break;
    }
    case "worker-leaving":
      logger.info("Worker {port} is {state}, pid {pid}", event);
      break;
    case "worker-stopped":
      logger.info("Worker {port} is stopped", event);
      break;
    case "state":
      logger.debug("Manager is {state}", event);
  }
}
