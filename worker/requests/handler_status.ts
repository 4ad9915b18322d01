import type { HandlerRegistry, MessageHandler } from "../../handlers/messages/mod.ts";
import type { HandlerStatus } from "../../ipc/mod.ts";
import type { RequestBounds } from "./request_limits.ts";

/** What is to be said of the handlers that a server has, by their types. */
export function handlerStatuses(
  handlers: HandlerRegistry,
  bounds: RequestBounds,
): HandlerStatus[] {
  return Array.from(handlers, (handler) => statusOf(handler, handlers, bounds))
    .sort((a, b) => a.type - b.type);
}

function statusOf(
  handler: MessageHandler,
  handlers: HandlerRegistry,
  bounds: RequestBounds,
): HandlerStatus {
  const { type, name, right, sequence = false, atOnce = false, datagrams = false } = handler;
  // What is answered in the moment it comes is never under way.
  const bound = atOnce ? undefined : bounds.of(handler);
  const { deadlineMs = Infinity, most = Infinity } = bound ?? {};
  const module = handlers.moduleOf(type);
  return {
    ...{ type, name, sequence, atOnce, datagrams },
    rights: Array.isArray(right) ? [...right] : [String(right)],
    ...(module === undefined ? {} : { module }),
    ...(deadlineMs === Infinity ? {} : { deadlineMs }),
    ...(most === Infinity ? {} : { maxRequests: most }),
    ...(bound === undefined ? {} : { underWay: bound.running }),
  };
}
