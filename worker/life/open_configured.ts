import { DEFAULT_MAX_ACTIONS } from "../../base/action_definition.ts";
import type { HandlerRegistry } from "../../handlers/messages/mod.ts";
import { actionMark, type WorkerConfig } from "../../ipc/mod.ts";
import type { TaskDefinition } from "../../tasks/definition.ts";
import type { ActionRunner } from "../actions/action_runner.ts";
import type { ServerOptions } from "../server_options.ts";

/** What runs the actions that are configured, if any are: only then it is loaded. */
export async function openActions(
  { actions = {}, maxActions = DEFAULT_MAX_ACTIONS }: WorkerConfig,
  segment: string,
): Promise<ActionRunner | undefined> {
  if (Object.keys(actions).length === 0) return undefined;
  const { ActionRunner } = await import("../actions/action_runner.ts");
  return new ActionRunner({ actions, limit: maxActions, mark: actionMark(segment) });
}

/** Loads what the configuration adds to the handlers. @returns What it adds to the tasks. */
export async function loadOwn(
  { handlers = [], tasks = [] }: WorkerConfig,
  registry: HandlerRegistry,
): Promise<readonly TaskDefinition[]> {
  if (handlers.length + tasks.length === 0) return [];
  const { loadHandlers } = await import("../own_handlers/load.ts");
  const { loadTasks } = await import("../own_handlers/load_tasks.ts");
  await loadHandlers(handlers, registry);
  return await loadTasks(tasks);
}

/** What counts as load when clients are spread, if anything is said of it. */
export async function spreadOf(
  { spread, spreadModule }: WorkerConfig,
): Promise<ServerOptions["spread"]> {
  if (spreadModule === undefined) return spread;
  const { loadSpread } = await import("../own_handlers/load_spread.ts");
  return await loadSpread(spreadModule);
}
