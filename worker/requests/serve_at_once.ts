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
import { RequestContext } from "./request_context.ts";
import { RequestStream } from "./request_stream.ts";

const memory = new ByteSlab();
const allocate = (length: number) => memory.take(length);

/** Up to this size, in bytes, an answer is sent in one piece. */
const MAX_ANSWER = 64 * 1024;

/** What a handler has done wrong that waits, or sends bytes, although it is one that does not. */
const NO_OTHER_ANSWER = new TypeError(
  "Handler that answers at once has to return the answer's body",
);

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
  if (handler?.atOnce !== true || !session.rights.has(handler.right)) return false;
  stream.skipWhole();
  session.received(whole.length);
  session.services.bounds.note(handler);
  const answer = answerOf(handler, message, stream, session);
  session.sent(answer.length);
  if (answer.length <= MAX_ANSWER) stream.sendAll(answer, completion);
  else stream.send(answer, { fin: true }).then(completion.resolve, completion.reject);
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
  stream: PeerStream,
  session: RequestSession,
): Uint8Array {
  const { type } = message;
  const { storage, tasks, counters, memory: budget, downloads, events } = session.services;
  const request = new RequestStream(stream, session, budget);
  const options = { handler, message, reader: undefined, stream: request };
  const shared = { session, storage, downloads, tasks, counters, events };
  const context = new RequestContext({ ...options, ...shared });
  context.abandon(NO_OTHER_ANSWER);
  try {
    const answer = handler.handle(context);
    if (answer instanceof Promise) throw NO_OTHER_ANSWER;
    return encodeAnswer(type, answer, 0, allocate);
  } catch (error) {
    counters.add("errors", 1);
    tellFailure(error, type, session);
    return encodeErrorAnswer(type, error);
  }
}
