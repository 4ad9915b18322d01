import type {
  CommandContext,
  HandlerStatus as ShownHandler,
  HookStatus as ShownHooks,
} from "../../handlers/commands/mod.ts";
import type { HandlerStatus, HookStatus } from "../../ipc/mod.ts";
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
      const { handlers, hooks } = await worker.request("handlers", {}, HANDLERS_DEADLINE_MS);
      const shown = { handlers: handlers.map(shownHandler), hooks: hooks.map(shownHooks) };
      return { port: worker.port, ...shown };
    },
    stop: (workers, { now = false, deadlineMs = stopDeadlineMs }) =>
      supervisor.stop(workers, { now, deadlineMs }),
    drain: (workers, deadlineMs = drainDeadlineMs) =>
      supervisor.stop(workers, { now: false, deadlineMs }),
    restart: (workers, { rolling, now = false, deadlineMs = drainDeadlineMs }) =>
      supervisor.restart(workers, { rolling, now, deadlineMs }),
  };
}

function shownHooks({ name, asked, deadlineMs, module, action }: HookStatus): ShownHooks {
  const missing = { module: module ?? null, action: action ?? null };
  return { name, asked: [...asked], deadlineMs, ...missing };
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
