import { ByteSlab } from "../../ffi/mod.ts";
import type { MessageHandler } from "../../handlers/messages/mod.ts";
import {
  decodeMessage,
  encodeAnswer,
  encodeErrorAnswer,
  type Message,
  messageTypeOf,
  takeDeadline,
} from "../../protocol/mod.ts";
import type { Completion, WholeStream } from "../transport.ts";
import { auditDone, auditFailure } from "./audited_request.ts";
import { type RequestSession, tellFailure } from "./dispatch.ts";
import { AtOnceContext, noOtherAnswer } from "./at_once_context.ts";

/** For byte arrays in bodies, which handlers may keep. */
const kept = new ByteSlab();
const keep = (length: number) => kept.take(length);

/** For answers, which are copied when they are sent. */
const spare = new Uint8Array(16 * 1024);
const borrow = (length: number) =>
  length <= spare.length ? spare.subarray(0, length) : new Uint8Array(length);

/**
 * Serves a request that has come as a whole, if its handler answers without waiting: without a promise,
 * and before anything else is done.
 *
 * @param bytes The request; borrowed, until this returns.
 * @param completion Is told when the client has the answer, or cannot have it any more.
 * @returns Whether it is served. If not, nothing has happened: what the request is, and what is wrong with
 * it, is for {@linkcode dispatch} to say.
 */
export function serveAtOnce(
  stream: WholeStream,
  bytes: Uint8Array,
  session: RequestSession,
  completion: Completion,
): boolean {
  const handler = session.services.handlers.find(messageTypeOf(bytes));
  if (handler?.atOnce !== true || !session.identity.mayAsk(handler)) return false;
  const message = readWhole(bytes, session);
  if (message === undefined) return false;
  session.received(bytes.length);
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
    const message = decodeMessage(bytes, session.maxBodyLength, keep);
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
    handler.checkAnswer?.(answer);
    const encoded = encodeAnswer(type, answer, 0, borrow);
    auditDone(handler, message, session);
    return encoded;
  } catch (error) {
    services.counters.add("errors", 1);
    tellFailure(error, type, session);
    auditFailure(error, type, message, session);
    return encodeErrorAnswer(type, error);
  }
}
