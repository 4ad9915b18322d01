import { getLogger } from "@logtape/logtape";
import type { MemoryBudget } from "../../base/mod.ts";
import { ByteSlab, ConnectionEndedError, StreamAbortedError } from "../../ffi/mod.ts";
import type { HandlerRegistry, MessageHandler, SessionInfo } from "../../handlers/messages/mod.ts";
import {
  ApplicationError,
  encodeErrorAnswer,
  Flags,
  type Message,
  MessageReader,
  ProtocolError,
  takeDeadline,
  wireErrorOf,
} from "../../protocol/mod.ts";
import type { Identity } from "../rights/identity.ts";
import type { ContextServices } from "./basic_context.ts";
import { auditDone, auditFailure, auditGone } from "./audited_request.ts";
import { RequestContext } from "./request_context.ts";
import type { RequestBounds } from "./request_limits.ts";
import { RequestStream } from "./request_stream.ts";
import { serveBounded } from "./serve.ts";
import type { PeerStream, Traffic } from "../transport.ts";

const logger = getLogger(["msquicd", "worker"]);

const bodies = new ByteSlab();
const allocate = (length: number) => bodies.take(length);

/** What requests are served with. */
export interface RequestServices extends ContextServices {
  readonly handlers: HandlerRegistry;
  readonly bounds: RequestBounds;
  /** What clients may make this process hold. */
  readonly memory: MemoryBudget;
  /** Is told what a handler threw that is no refusal: the client only hears that something failed. */
  readonly onError: (error: unknown, request: RequestFailure) => void;
}

/** Which request has failed. */
export interface RequestFailure {
  /** The message's type. */
  readonly type: number;
  /** The name of who handles it, `file.put` for example. */
  readonly name: string;
  /** The session's name, which the client knows as well. */
  readonly session: string;
  /** The client's address. */
  readonly peer: string;
}

/** What serving a request takes of the session that it is part of. */
export interface RequestSession extends SessionInfo, Traffic {
  readonly services: RequestServices;
  /** How long a message's body may be, in bytes. */
  readonly maxBodyLength: number;
  readonly identity: Identity;
  /** @throws {ProtocolError} `unauthenticated` or `shutting-down`: requests are not served now. */
  checkServing(): void;
}

/**
 * Serves the one request of a stream: reads the message, has its handler run, and sees to it that there is
 * an answer. Whatever goes wrong costs this stream only: it ends with an error answer, or reset.
 *
 * @returns Resolves when the client has the answer, or cannot have it; never rejects.
 */
export async function dispatch(stream: PeerStream, session: RequestSession): Promise<void> {
  const { services } = session;
  const { handlers, counters, memory, bounds: allBounds } = services;
  using request = new RequestStream(stream, session, memory);
  const reader = new MessageReader(request, allocate);
  let message: Message | undefined;
  let context: RequestContext | undefined;
  try {
    message = await reader.readMessage(session);
    const handler = findHandler(message, handlers, session);
    const waitsMs = takeDeadline(message.body as Record<string, unknown>);
    context = new RequestContext({ handler, message, reader, stream: request, session, services });
    const bounds = allBounds.of(handler);
    allBounds.note(handler);
    if (bounds === undefined && waitsMs === undefined && handler.sequence !== true) {
      await context.complete(handler.handle(context));
    } else {
      const limitMs = Math.min(waitsMs ?? Infinity, bounds?.deadlineMs ?? Infinity);
      await serveBounded(handler, context, { bounds, limitMs, session });
    }
    auditDone(handler, message, session);
    counters.add("requests", 1);
  } catch (error) {
    if (isGone(error)) {
      auditGone(request.type, message, session);
      return giveUp(stream, ApplicationError.cancelled);
    }
    tellFailure(error, request.type, session);
    auditFailure(error, request.type, message, session);
    if (context?.finished) {
      counters.add("requests", 1);
    } else if (context?.mayFail === false) {
      return giveUp(stream, ApplicationError.internal);
    } else {
      await refuse(stream, request, error, session, unwanted(message));
    }
  }
  if (reader.atEnd) stream.release();
  else void finishReceiving(stream, reader);
}

/**
 * Answers a request with an error.
 *
 * @param stop The code to stop the client's sending with, if it is not wanted any more.
 * @returns Resolves when the client has the answer, or cannot have it.
 */
export async function refuse(
  stream: PeerStream,
  request: RequestStream,
  error: unknown,
  session: RequestSession,
  stop?: ApplicationError,
): Promise<void> {
  const { counters } = session.services;
  counters.add("requests", 1);
  counters.add("errors", 1);
  try {
    const sent = request.send(encodeErrorAnswer(request.type, error), { fin: true });
    if (stop !== undefined) stream.abortReceive(stop);
    await sent;
  } catch {
    stream.abort(ApplicationError.internal); // the client does not want to hear it
  }
}

/** Whether an error only says that the client, or its interest, has gone. */
export function isGone(error: unknown): boolean {
  return error instanceof StreamAbortedError || error instanceof ConnectionEndedError;
}

/** Waits for the end of what the client sends, so that the stream can end; stops what is too much. */
export async function finishReceiving(stream: PeerStream, reader: MessageReader): Promise<void> {
  try {
    await reader.expectEnd();
  } catch {
    stream.abortReceive(ApplicationError.protocol);
  }
  stream.release();
}

function findHandler(
  message: Message,
  handlers: HandlerRegistry,
  session: RequestSession,
): MessageHandler {
  session.checkServing();
  if ((message.flags & Flags.response) !== 0) {
    throw new ProtocolError("bad-frame", "Message is an answer; servers take requests");
  }
  const handler = handlers.find(message.type);
  if (handler === undefined) {
    throw new ProtocolError("unknown-type", `Message type ${message.type} is unknown here`);
  }
  session.identity.checkMayAsk(handler);
  return handler;
}

/** With which code to stop the client's sending after a failure; none where it has sent all, or soon will. */
function unwanted(message: Message | undefined): ApplicationError | undefined {
  if (message === undefined) return ApplicationError.protocol;
  return (message.flags & Flags.data) !== 0 ? ApplicationError.refused : undefined;
}

function giveUp(stream: PeerStream, code: ApplicationError): void {
  stream.abort(code);
  stream.release();
}

/** Says that a request has failed: to who is to know it. */
export function tellFailure(error: unknown, type: number, session: RequestSession): void {
  const { id, peer, services } = session;
  const { code } = wireErrorOf(error);
  if (code !== "internal" && code !== "storage-unavailable") {
    const properties = { type, session: id, code, error };
    return logger.debug("Request of type {type} refused ({code}): {error}", properties);
  }
  try {
    const name = services.handlers.find(type)?.name ?? "unknown";
    services.onError(error, { type, name, session: id, peer });
  } catch (error) {
    logger.error("Cannot tell that a request of type {type} failed: {error}", { type, error });
  }
}
