import { ByteSlab } from "../../ffi/mod.ts";
import type { MessageHandler } from "../../handlers/messages/mod.ts";
import {
  type Datagram,
  decodeDatagram,
  encodeDatagram,
  Flags,
  type Message,
  ProtocolError,
  takeDeadline,
  wireErrorOf,
} from "../../protocol/mod.ts";
import { AtOnceContext, noOtherAnswer } from "./at_once_context.ts";
import { auditFailure } from "./audited_request.ts";
import { type RequestSession, tellFailure } from "./dispatch.ts";

const memory = new ByteSlab();
const allocate = (length: number) => memory.take(length);

/** Where datagrams with answers go. */
export interface DatagramSender {
  /** How long one may be, in bytes. */
  readonly maxDatagramLength: number;
  sendDatagram(bytes: Uint8Array): boolean;
}

/**
 * Serves a request that has come in a datagram, if its handler takes such: at once, and with a datagram. What
 * cannot be understood, or comes before the client has shown the token, counts as lost, as all datagrams may.
 */
export function serveDatagram(
  bytes: Uint8Array,
  sender: DatagramSender,
  session: RequestSession,
): void {
  const datagram = isServing(session)
    ? decodeDatagram(bytes, session.maxBodyLength, allocate)
    : undefined;
  if (datagram === undefined || datagram.message.flags !== 0) return;
  session.received(bytes.length);
  const answer = answerTo(datagram, sender.maxDatagramLength, session);
  if (!sender.sendDatagram(answer)) return;
  session.sent(answer.length);
  session.services.counters.add("requests", 1);
}

function isServing(session: RequestSession): boolean {
  try {
    session.checkServing();
    return true;
  } catch {
    return false;
  }
}

function answerTo(
  { number, message }: Datagram,
  maxLength: number,
  session: RequestSession,
): Uint8Array {
  const { type } = message;
  try {
    const body = ask(handlerOf(type, session), message, session);
    const bytes = encodeDatagram(number, { type, flags: Flags.response, body });
    if (bytes.length <= maxLength) return bytes;
    throw new ProtocolError("body-too-large", "Answer is too long for a datagram; use a stream");
  } catch (error) {
    session.services.counters.add("errors", 1);
    tellFailure(error, type, session);
    auditFailure(error, type, message, session);
    const flags = Flags.response | Flags.error;
    return encodeDatagram(number, { type, flags, body: wireErrorOf(error) });
  }
}

function handlerOf(type: number, { services, identity }: RequestSession): MessageHandler {
  const handler = services.handlers.find(type);
  if (handler?.datagrams !== true) {
    throw new ProtocolError("unknown-type", `Message type ${type} is not served by datagrams here`);
  }
  identity.checkMayAsk(handler);
  return handler;
}

function ask(handler: MessageHandler, message: Message, session: RequestSession): unknown {
  const { services } = session;
  takeDeadline(message.body as Record<string, unknown>); // it is kept, whatever it is
  services.bounds.note(handler);
  const answer = handler.handle(new AtOnceContext(handler, message, session, services));
  if (answer instanceof Promise) throw noOtherAnswer(answer);
  handler.checkAnswer?.(answer);
  return answer;
}
