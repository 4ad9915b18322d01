import { HOOK_DEADLINE_MS, HOOK_NAMES } from "../../base/hook_settings.ts";
import type { DefinedHooks } from "../../handlers/messages/mod.ts";

/** What a manager is told of hooks. */
export interface HookStatus {
  readonly name: string;
  /** Which of the hooks that there are. */
  readonly asked: readonly string[];
  /** How long each may take, in milliseconds. */
  readonly deadlineMs: number;
  /** The file that they come from. */
  readonly module?: string;
  /** The action that is run in their place. */
  readonly action?: string;
}

/**
 * What is to be said of hooks, in the order in which they are asked.
 *
 * @param defaultMs How long one may take that does not say, in milliseconds.
 */
export function hookStatuses(
  hooks: readonly DefinedHooks[],
  defaultMs: number = HOOK_DEADLINE_MS,
): HookStatus[] {
  return hooks.map((one) => {
    const { name, deadlineMs = defaultMs, module, action } = one;
    return {
      ...{ name, deadlineMs, asked: HOOK_NAMES.filter((hook) => one[hook] !== undefined) },
      ...(module === undefined ? {} : { module }),
      ...(action === undefined ? {} : { action }),
    };
  });
}
