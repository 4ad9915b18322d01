import { DEFAULT_MAX_ACTIONS } from "../../base/action_definition.ts";
import type { DefinedHooks, HandlerRegistry } from "../../handlers/messages/mod.ts";
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

/** What modules add, but for handlers. */
export interface LoadedModules {
  readonly tasks: readonly TaskDefinition[];
  readonly hooks: readonly DefinedHooks[];
}

/** Loads what the configuration adds to the handlers. */
export async function loadOwn(
  { handlers = [], tasks = [] }: WorkerConfig,
  registry: HandlerRegistry,
): Promise<LoadedModules> {
  if (handlers.length + tasks.length === 0) return { tasks: [], hooks: [] };
  const { loadHandlers } = await import("../own_handlers/load.ts");
  const { loadTasks } = await import("../own_handlers/load_tasks.ts");
  const hooks = await loadHandlers(handlers, registry);
  return { tasks: await loadTasks(tasks), hooks };
}

/** The actions that are run in the place of hooks. */
export async function actionHooksOf(
  { hooks = {}, actions = {} }: WorkerConfig,
  runner: ActionRunner | undefined,
): Promise<readonly DefinedHooks[]> {
  if (runner === undefined || Object.keys(hooks).length === 0) return [];
  const { actionHooks } = await import("../hooks/action_hooks.ts");
  return actionHooks(hooks, actions, runner);
}

/** What counts as load when clients are spread, if anything is said of it. */
export async function spreadOf(
  { spread, spreadModule }: WorkerConfig,
): Promise<ServerOptions["spread"]> {
  if (spreadModule === undefined) return spread;
  const { loadSpread } = await import("../own_handlers/load_spread.ts");
  return await loadSpread(spreadModule);
}
