import { CodedError } from "../../base/mod.ts";
import { areGrantable, GRANTABLE_RIGHTS, messages } from "../../protocol/mod.ts";
import type { MessageHandler } from "./handler.ts";

/** A handler cannot be registered: its message type or its name is invalid, or taken. */
export class HandlerConflictError extends CodedError {
  readonly code = "handler-conflict";
}

/** The handlers that a server has, by message type. */
export class HandlerRegistry {
  readonly #handlers = new Map<number, MessageHandler>();
  readonly #modules = new Map<number, string>();

  /** @throws {HandlerConflictError} As {@linkcode register}. */
  constructor(handlers: Iterable<MessageHandler> = []) {
    for (const handler of handlers) this.register(handler);
  }

  /**
   * Adds a handler.
   *
   * @param module The file that it comes from, if it is one of somebody's own.
   * @throws {HandlerConflictError} Its type is no unsigned 16-bit integer, is `hello`, which sessions
   * answer themselves, or it or the name is taken; or it is to be served to anybody.
   */
  register(handler: MessageHandler, module?: string): void {
    const { type, name, right } = handler;
    if (!Number.isInteger(type) || type < 0 || type > 0xffff) {
      throw conflict(handler, "a message type is a whole number from 0 to 65535");
    }
    if (type === messages.hello.type) throw conflict(handler, "the type is that of hello");
    if (!areGrantable(right)) {
      const rights = GRANTABLE_RIGHTS.join(", ");
      throw conflict(handler, `its right must be one of ${rights}, or some of them, not ${right}`);
    }
    if (handler.datagrams === true && handler.atOnce !== true) {
      throw conflict(handler, "one that takes datagrams has to answer at once");
    }
    for (const other of this.#handlers.values()) {
      if (other.type === type) throw conflict(handler, `"${other.name}" has the type already`);
      if (other.name === name) throw conflict(handler, `type ${other.type} has the name already`);
    }
    this.#handlers.set(type, handler);
    if (module !== undefined) this.#modules.set(type, module);
  }

  /** The handler for a message type, if there is one. */
  find(type: number): MessageHandler | undefined {
    return this.#handlers.get(type);
  }

  /** The file that the handler of a type comes from, if it is one of somebody's own. */
  moduleOf(type: number): string | undefined {
    return this.#modules.get(type);
  }

  /** All of them, in the order they were registered. */
  [Symbol.iterator](): Iterator<MessageHandler> {
    return this.#handlers.values();
  }
}

function conflict({ name, type }: MessageHandler, reason: string): HandlerConflictError {
  return new HandlerConflictError(`Cannot register handler "${name}" for type ${type}: ${reason}`);
}
