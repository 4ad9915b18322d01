import { isMap, type Mistake } from "./access_grant.ts";
import type { ActionDefinition, Actions } from "./action_definition.ts";

/** An action that is run in the place of a hook. */
export interface HookAction {
  /** Its name. */
  readonly action: string;
}

/** Which actions are run before files are stored and removed. */
export interface HookSettings {
  readonly onUploadStart?: HookAction;
  readonly onUploadComplete?: HookAction;
  readonly onDelete?: HookAction;
  /** How long a hook of a module may take that does not say, and an action may wait for its turn, in milliseconds. */
  readonly deadlineMs?: number;
}

/** Where no time is configured. */
export const HOOK_DEADLINE_MS = 30_000;

/** The hooks that there are. */
export const HOOK_NAMES = ["onUploadStart", "onUploadComplete", "onDelete"] as const;

/** One of the hooks that there are. */
export type HookName = typeof HOOK_NAMES[number];

const KEYS = [...HOOK_NAMES, "deadlineMs"];
/** A day: no hook takes longer, in milliseconds. */
export const LONGEST_HOOK_MS = 86_400_000;

/** Looks for what is wrong with settings that somebody else has written; `undefined` if nothing is. */
export function findHooksMistake(settings: unknown): Mistake | undefined {
  const wanted = `one of the keys ${KEYS.join(", ")}`;
  if (!isMap(settings)) return { path: [], wanted: `an object with the keys ${KEYS.join(", ")}` };
  const strange = Object.keys(settings).find((key) => !KEYS.includes(key));
  if (strange !== undefined) return { path: [strange], wanted, unknownKey: true };
  for (const name of HOOK_NAMES) {
    const hook = settings[name];
    if (hook === undefined) continue;
    if (!isMap(hook)) return { path: [name], wanted: "an object with the key action" };
    const other = Object.keys(hook).find((key) => key !== "action");
    if (other !== undefined) return { path: [name, other], wanted: "action", unknownKey: true };
    if (typeof hook.action !== "string") {
      return { path: [name, "action"], wanted: "the name of one of the actions" };
    }
  }
  const { deadlineMs } = settings;
  if (deadlineMs === undefined) return undefined;
  if (
    Number.isInteger(deadlineMs) && Number(deadlineMs) >= 1 && Number(deadlineMs) <= LONGEST_HOOK_MS
  ) {
    return undefined;
  }
  return { path: ["deadlineMs"], wanted: `a whole number from 1 to ${LONGEST_HOOK_MS}` };
}

/** Why actions cannot be run as hooks; `undefined` if they can. */
export function findHookContradiction(
  settings: HookSettings,
  actions: Actions,
): string | undefined {
  for (const hook of HOOK_NAMES) {
    const name = settings[hook]?.action;
    if (name === undefined) continue;
    if (!Object.hasOwn(actions, name)) {
      return `hooks.${hook} is to run the action "${name}", which actions does not define`;
    }
    const needed = Object.entries(actions[name]?.arguments ?? {})
      .filter(([argument, { default: usual }]) =>
        usual === undefined && argument !== fileArgument(actions[name])
      )
      .map(([argument]) => argument);
    if (needed.length > 0) {
      return `hooks.${hook} cannot run the action "${name}": nobody says what its argument ` +
        `"${needed[0]}" is; give it a default`;
    }
    if (hook === "onUploadStart" && fileArgument(actions[name]) !== undefined) {
      return `hooks.onUploadStart cannot run the action "${name}": its argument ` +
        `"${fileArgument(actions[name])}" is a file, and there is none yet`;
    }
  }
  return undefined;
}

/** Which argument of an action is the file that a hook is about: the first one that takes a file. */
export function fileArgument(action: ActionDefinition | undefined): string | undefined {
  return Object.entries(action?.arguments ?? {}).find(([, argument]) => "file" in argument)?.[0];
}
