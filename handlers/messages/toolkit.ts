import { defineMessage, FIRST_CUSTOM_TYPE, ProtocolError } from "../../protocol/mod.ts";
import { defineHandler, type MessageHandler } from "./handler.ts";

/**
 * What a module of handlers is given: it need not import anything of this project, which it could not by
 * name where msquicd is an executable.
 */
export interface HandlerToolkit {
  readonly defineMessage: typeof defineMessage;
  readonly defineHandler: typeof defineHandler;
  /** For refusals with a code of the protocol. */
  readonly ProtocolError: typeof ProtocolError;
  readonly FIRST_CUSTOM_TYPE: typeof FIRST_CUSTOM_TYPE;
  /** The schemas: valibot. */
  readonly v: typeof import("valibot");
}

/** What a module of handlers exports by default: handlers, or a function that makes them. */
export type HandlerModule =
  | readonly MessageHandler[]
  | ((
    toolkit: HandlerToolkit,
  ) => readonly MessageHandler[] | Promise<readonly MessageHandler[]>);

/** Loads what a module of handlers is given. */
export async function handlerToolkit(): Promise<HandlerToolkit> {
  const v = await import("valibot");
  return { defineMessage, defineHandler, ProtocolError, FIRST_CUSTOM_TYPE, v };
}
