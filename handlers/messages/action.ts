import {
  type ActionInfo,
  type ActionOutput,
  messages,
  type SystemActionRunRequest,
} from "../../protocol/mod.ts";
import { defineHandler, type HandlerContext, type MessageHandler } from "./handler.ts";

/** Who wants an action to be run, and where it finds files. */
export type ActionClient = Pick<HandlerContext, "storage" | "signal" | "session">;

/** The actions that the operator has defined. */
export interface ActionServices {
  /** Those that a client may run. */
  list(client: Pick<ActionClient, "session">): ActionInfo[];
  /**
   * Checks a request, and begins with it.
   *
   * @returns What it comes to. While nothing of that is taken, the action waits.
   * @throws {ProtocolError} `permission-denied`, `no-action`, `bad-argument`, `too-many-actions`, `cannot-run`; or what is wrong
   * with a file.
   */
  run(request: SystemActionRunRequest, client: ActionClient): Promise<AsyncIterable<ActionOutput>>;
}

/** The handlers of `system.action.list` and `system.action.run`. */
export function actionHandlers(services: ActionServices): MessageHandler[] {
  return [
    defineHandler(
      messages.systemActionList,
      (_request, context) => ({ actions: services.list(context) }),
    ),
    defineHandler(messages.systemActionRun, (request, context) => services.run(request, context)),
  ];
}
