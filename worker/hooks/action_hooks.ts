import { type Actions, DEFAULT_ACTION_TIMEOUT_MS } from "../../base/action_definition.ts";
import {
  HOOK_DEADLINE_MS,
  type HookName,
  type HookSettings,
  LONGEST_HOOK_MS,
} from "../../base/hook_settings.ts";
import {
  type DefinedHooks,
  defineHooks,
  type FileHooks,
  type HookContext,
} from "../../handlers/messages/hooks.ts";
import { ProtocolError } from "../../protocol/mod.ts";
import type { ActionRunner } from "../actions/action_runner.ts";

/** How long an action may take to be over when its time is, in milliseconds. */
const END_MS = 5000;

/** What an action is told of a file. */
interface Subject {
  readonly name: string;
  readonly size: number | undefined;
  readonly sha256?: string;
  readonly path?: string | undefined;
}

/** Hooks that run the actions which the configuration names: an exit code other than 0 refuses. */
export function actionHooks(
  settings: HookSettings,
  actions: Actions,
  runner: ActionRunner,
): DefinedHooks[] {
  const { deadlineMs: waitMs = HOOK_DEADLINE_MS } = settings;
  const hooksOf = (hook: HookName): DefinedHooks[] => {
    const action = settings[hook]?.action;
    if (action === undefined) return [];
    const ask = async (subject: Subject, context: HookContext): Promise<void> => {
      const { name, path } = subject;
      const environment = environmentOf(hook, subject, context);
      const run = { action, name, path, environment, waitMs };
      const verdict = await runner.runForHook(run, context);
      if (verdict.exitCode === 0) return;
      if (verdict.ended !== undefined || verdict.exitCode === undefined) {
        throw new Error(`the action was ended: ${verdict.ended ?? verdict.signal}`);
      }
      const why = verdict.said || `exit code ${verdict.exitCode}`;
      throw new ProtocolError("refused", `The server's action "${action}" refuses it: ${why}`);
    };
    const { timeoutMs = DEFAULT_ACTION_TIMEOUT_MS } = actions[action] ?? {};
    const asks: Partial<Record<HookName, typeof ask>> = { [hook]: ask };
    const hooks: FileHooks = { name: action, deadlineMs: deadlineOf(waitMs + timeoutMs), ...asks };
    // Nobody has written it in a module.
    return [{ ...defineHooks(hooks), definedAt: "", action }];
  };
  return [...hooksOf("onUploadStart"), ...hooksOf("onUploadComplete"), ...hooksOf("onDelete")];
}

function deadlineOf(ms: number): number {
  return Math.min(ms + END_MS, LONGEST_HOOK_MS);
}

/** What a program is told by its environment, which no shell takes apart. */
function environmentOf(
  hook: HookName,
  { name, size, sha256 }: Subject,
  { session: { identity, peer } }: HookContext,
): Record<string, string> {
  return {
    MSQUICD_HOOK: hook,
    MSQUICD_FILE_NAME: name,
    ...(size === undefined ? {} : { MSQUICD_FILE_SIZE: String(size) }),
    ...(sha256 === undefined ? {} : { MSQUICD_FILE_SHA256: sha256 }),
    MSQUICD_CLIENT: identity.name,
    MSQUICD_PEER: peer,
  };
}
