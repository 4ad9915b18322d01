import type { CommandContext, HandlerStatus as ShownHandler } from "../../handlers/commands/mod.ts";
import type { HandlerStatus } from "../../ipc/mod.ts";
import type { ManagerConfig } from "../config/config.ts";
import { NoSuchWorkerError } from "../supervision/supervision_errors.ts";
import type { Supervisor } from "../supervision/supervisor.ts";

/** How long a worker may take to tell what it serves, in milliseconds. */
const HANDLERS_DEADLINE_MS = 5000;

/** What commands can do about the workers, with the deadlines of the configuration. */
export function workerCommands(
  supervisor: Supervisor,
  { instance, stopDeadlineMs, drainDeadlineMs }: ManagerConfig,
): Pick<CommandContext, "spawn" | "stop" | "drain" | "restart" | "send" | "handlers"> {
  return {
    spawn: (port) => supervisor.spawn(port),
    send: (port, message, deadlineMs) => supervisor.ask(port, message, deadlineMs),
    async handlers(wanted) {
      const [worker] = supervisor.asked(wanted);
      if (worker === undefined) throw new NoSuchWorkerError([], instance);
      const { handlers } = await worker.request("handlers", {}, HANDLERS_DEADLINE_MS);
      return { port: worker.port, handlers: handlers.map(shownHandler) };
    },
    stop: (workers, { now = false, deadlineMs = stopDeadlineMs }) =>
      supervisor.stop(workers, { now, deadlineMs }),
    drain: (workers, deadlineMs = drainDeadlineMs) =>
      supervisor.stop(workers, { now: false, deadlineMs }),
    restart: (workers, { rolling, now = false, deadlineMs = drainDeadlineMs }) =>
      supervisor.restart(workers, { rolling, now, deadlineMs }),
  };
}

/** What is missing is said to be. */
function shownHandler(handler: HandlerStatus): ShownHandler {
  return {
    ...handler,
    rights: [...handler.rights],
    module: handler.module ?? null,
    deadlineMs: handler.deadlineMs ?? null,
    maxRequests: handler.maxRequests ?? null,
    underWay: handler.underWay ?? null,
  };
}
