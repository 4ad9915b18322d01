import { ByteSlab } from "../../ffi/mod.ts";
import type { MessageHandler } from "../../handlers/messages/mod.ts";
import {
  decodeMessage,
  encodeAnswer,
  encodeErrorAnswer,
  type Message,
  takeDeadline,
} from "../../protocol/mod.ts";
import type { Completion, PeerStream } from "../transport.ts";
import { type RequestSession, tellFailure } from "./dispatch.ts";
import { AtOnceContext, noOtherAnswer } from "./at_once_context.ts";

const memory = new ByteSlab();
const allocate = (length: number) => memory.take(length);

/**
 * Serves a request that has come as a whole, if its handler answers without waiting: without a promise,
 * and before anything else is done.
 *
 * @param completion Is told when the client has the answer, or cannot have it any more.
 * @returns Whether it is served. If not, nothing has happened: what the request is, and what is wrong with
 * it, is for {@linkcode dispatch} to say.
 */
export function serveAtOnce(
  stream: PeerStream,
  session: RequestSession,
  completion: Completion,
): boolean {
  const { whole } = stream;
  if (whole === undefined) return false;
  const message = readWhole(whole, session);
  if (message === undefined) return false;
  const handler = session.services.handlers.find(message.type);
  if (handler?.atOnce !== true || !session.identity.mayAsk(handler)) return false;
  stream.skipWhole();
  session.received(whole.length);
  session.services.bounds.note(handler);
  const answer = answerOf(handler, message, session);
  session.sent(answer.length);
  stream.sendAll(answer, completion);
  return true;
}

/** The message, if that is all that has come, and there is nothing wrong with it. */
function readWhole(bytes: Uint8Array, session: RequestSession): Message | undefined {
  try {
    session.checkServing();
    const message = decodeMessage(bytes, session.maxBodyLength, allocate);
    if (message?.flags !== 0) return undefined;
    takeDeadline(message.body as Record<string, unknown>); // it is kept, whatever it is
    return message;
  } catch {
    return undefined;
  }
}

/** What the handler answers, or that it has failed. */
function answerOf(
  handler: MessageHandler,
  message: Message,
  session: RequestSession,
): Uint8Array {
  const { type } = message;
  const { services } = session;
  try {
    const answer = handler.handle(new AtOnceContext(handler, message, session, services));
    if (answer instanceof Promise) throw noOtherAnswer(answer);
    return encodeAnswer(type, answer, 0, allocate);
  } catch (error) {
    services.counters.add("errors", 1);
    tellFailure(error, type, session);
    return encodeErrorAnswer(type, error);
  }
}
