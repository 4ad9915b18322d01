import type { CommandContext } from "../../handlers/commands/mod.ts";
import type { ManagerConfig } from "../config/config.ts";
import type { Supervisor } from "../supervision/supervisor.ts";

/** What commands can do about the workers, with the deadlines of the configuration. */
export function workerCommands(
  supervisor: Supervisor,
  { stopDeadlineMs, drainDeadlineMs }: ManagerConfig,
): Pick<CommandContext, "spawn" | "stop" | "drain" | "restart" | "send"> {
  return {
    spawn: (port) => supervisor.spawn(port),
    send: (port, message, deadlineMs) => supervisor.ask(port, message, deadlineMs),
    stop: (workers, { now = false, deadlineMs = stopDeadlineMs }) =>
      supervisor.stop(workers, { now, deadlineMs }),
    drain: (workers, deadlineMs = drainDeadlineMs) =>
      supervisor.stop(workers, { now: false, deadlineMs }),
    restart: (workers, { rolling, now = false, deadlineMs = drainDeadlineMs }) =>
      supervisor.restart(workers, { rolling, now, deadlineMs }),
  };
}
