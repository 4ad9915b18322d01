import { settlesWithin } from "../../base/mod.ts";
import {
  ApplicationError,
  encodeAnswer,
  type HelloRequest,
  type HelloResponse,
  MAX_BODY_LENGTH,
  type Message,
  MessageReader,
  messages,
  ProtocolError,
  WIRE_ERRORS,
} from "../../protocol/mod.ts";
import { VERSION } from "../../version.ts";
import type { AccessToken } from "./access_token.ts";
import { finishReceiving, isGone, refuse, type RequestSession } from "../requests/dispatch.ts";
import { RequestStream } from "../requests/request_stream.ts";
import type { PeerStream } from "../transport.ts";
import type { Directions } from "./siblings.ts";

/** How long to wait until a client that is turned away has read why, in milliseconds. */
const FAREWELL_MS = 1000;

/** What greeting takes of the session that is to be authenticated. */
export interface GreetingSession extends RequestSession {
  readonly token: AccessToken;
  /** Which other servers to tell the client of. */
  directions(): Directions;
  /** The client has shown the token. @throws {ProtocolError} `server-full`: there is no room for it. */
  admit(hello: HelloRequest): void;
  /** The client has not. Comes when it has read so, or had time to. */
  reject(reason: string): void;
  /** The client does not want to be greeted. */
  close(code: ApplicationError): void;
}

/**
 * Serves the first stream of a connection, on which the client must say hello with the right token.
 *
 * @returns Resolves when the session is admitted or rejected; never rejects itself.
 */
export async function greet(stream: PeerStream, session: GreetingSession): Promise<void> {
  using request = new RequestStream(stream, session, session.services.memory);
  const reader = new MessageReader(request);
  try {
    const message = await reader.readMessage(session);
    const hello = checkHello(message, session.token);
    session.admit(hello);
    const response: HelloResponse = {
      session: session.id,
      server: `msquicd/${VERSION}`,
      maxBodyLength: MAX_BODY_LENGTH,
      ...session.directions(),
    };
    await request.send(encodeAnswer(messages.hello.type, response), { fin: true });
    session.services.counters.add("requests", 1);
    void finishReceiving(stream, reader);
  } catch (error) {
    if (isGone(error)) return session.close(ApplicationError.unauthenticated);
    await settlesWithin(turnAway(stream, request, error, session), FAREWELL_MS);
    stream.release();
    session.reject(error instanceof Error ? error.message : String(error));
  }
}

/** @throws {ProtocolError} It is no hello with the right token. */
function checkHello(message: Message, token: AccessToken): HelloRequest {
  if (message.type !== messages.hello.type || message.flags !== 0) {
    throw new ProtocolError("unauthenticated", "The first stream of a connection must say hello");
  }
  const hello = messages.hello.parseRequest(message.body);
  if (token.matches(hello.token)) return hello;
  throw new ProtocolError("wrong-token", WIRE_ERRORS["wrong-token"]);
}

async function turnAway(
  stream: PeerStream,
  request: RequestStream,
  error: unknown,
  session: GreetingSession,
): Promise<void> {
  await refuse(stream, request, error, session);
  await stream.finish();
}
