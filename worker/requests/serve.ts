import { getLogger } from "@logtape/logtape";
import { orAborted } from "../../base/mod.ts";
import type { MessageHandler } from "../../handlers/messages/mod.ts";
import type { RequestContext } from "./request_context.ts";
import type { HandlerBounds } from "./request_limits.ts";

const logger = getLogger(["msquicd", "worker"]);

/** For how long a handler may keep everything else waiting before that is said, in milliseconds. */
const BLOCKED_MS = 100;

/** What a request may take. */
export interface Bounds {
  /** What bounds its handler's requests together; nothing if they have no bounds here. */
  readonly bounds: HandlerBounds | undefined;
  /** How long it may take, in milliseconds; may be `Infinity`. */
  readonly limitMs: number;
  readonly session: object;
}

/**
 * Has a handler serve a request, for no longer than the client waits for it and its time lasts. A handler
 * that goes on nevertheless counts among those under way until it ends, and can answer no more.
 *
 * @throws {ProtocolError} `too-many-requests`, `deadline-exceeded`.
 * @throws {StreamAbortedError} The client has gone.
 * @throws What the handler throws.
 */
export function serveBounded(
  handler: MessageHandler,
  context: RequestContext,
  { bounds, limitMs, session }: Bounds,
): Promise<void> {
  const start = performance.now();
  context.lateAt = start + limitMs;
  bounds?.enter(session);
  const leave = () => bounds?.leave(session);
  let returned: unknown;
  try {
    returned = handler.handle(context);
  } catch (error) {
    leave();
    throw error;
  }
  const ms = performance.now() - start;
  if (ms >= BLOCKED_MS) tellBlocked(handler, ms);
  const serving = context.complete(returned);
  serving.then(leave, leave);
  // What has been answered already needs no watch: it only has to arrive.
  const waits = handler.sequence === true || returned instanceof Promise;
  return waits ? watch(serving, context, limitMs) : serving;
}

async function watch(
  serving: Promise<void>,
  context: RequestContext,
  limitMs: number,
): Promise<void> {
  using _limit = limitMs < Infinity ? context.limit(limitMs) : undefined;
  try {
    await orAborted(serving, context.signal);
  } catch (error) {
    // The stream is over as soon as the client has everything.
    if (context.finished) return await context.arrived;
    context.abandon(error);
    throw error;
  }
}

function tellBlocked({ name, type }: MessageHandler, ms: number): void {
  logger.warning(
    "Handler {name} (type {type}) has kept all clients waiting for {ms} ms: it computes without a pause",
    { name, type, ms: Math.round(ms) },
  );
}
