import { defineMessage, FIRST_CUSTOM_TYPE, ProtocolError } from "../../protocol/mod.ts";
import { defineHandler, type MessageHandler } from "./handler.ts";
import { defineHooks, type FileHooks } from "./hooks.ts";

/**
 * What a module of handlers is given: it need not import anything of this project, which it could not by
 * name where msquicd is an executable.
 */
export interface HandlerToolkit {
  readonly defineMessage: typeof defineMessage;
  readonly defineHandler: typeof defineHandler;
  readonly defineHooks: typeof defineHooks;
  /** For refusals with a code of the protocol. */
  readonly ProtocolError: typeof ProtocolError;
  readonly FIRST_CUSTOM_TYPE: typeof FIRST_CUSTOM_TYPE;
  /** The schemas: valibot. */
  readonly v: typeof import("valibot");
}

/** What a module of handlers exports by default: handlers and hooks, or a function that makes them. */
export type HandlerModule =
  | readonly (MessageHandler | FileHooks)[]
  | ((
    toolkit: HandlerToolkit,
  ) =>
    | readonly (MessageHandler | FileHooks)[]
    | Promise<readonly (MessageHandler | FileHooks)[]>);

/** Loads what a module of handlers is given. */
export async function handlerToolkit(): Promise<HandlerToolkit> {
  const v = await import("valibot");
  return { defineMessage, defineHandler, defineHooks, ProtocolError, FIRST_CUSTOM_TYPE, v };
}
