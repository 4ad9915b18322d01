import { settlesWithin } from "../../base/mod.ts";
import {
  COMPRESSIONS,
  encodeAnswer,
  type HelloRequest,
  type HelloResponse,
  type Message,
  MessageReader,
  messages,
  ProtocolError,
  type ServerEndReason,
  WIRE_ERRORS,
} from "../../protocol/mod.ts";
import { canCompress } from "../../transfer/mod.ts";
import type { FailedHellos, Penance } from "../limits/failed_hellos.ts";
import { VERSION } from "../../version.ts";
import { minAckDelayMs, type ShownCertificate } from "../../ffi/mod.ts";
import type { Gate } from "../rights/gate.ts";
import type { Identity } from "../rights/identity.ts";
import { finishReceiving, isGone, refuse, type RequestSession } from "../requests/dispatch.ts";
import { RequestStream } from "../requests/request_stream.ts";
import type { PeerStream } from "../transport.ts";
import type { Directions } from "./siblings.ts";

/** How long to wait until a client that is turned away has read why, in milliseconds. */
const FAREWELL_MS = 1000;

/** What a client is told that shows nothing. */
const NO_TOKEN = "Server lets nobody in without a token; show one";

/** What a client is told that shows a certificate and no token. */
const UNTRUSTED =
  "Server does not trust the client's certificate: it has expired, or was signed by " +
  "somebody else; show another, or a token";
const UNKNOWN = "Server knows nobody by the client's certificate; show another, or a token";

/** What greeting takes of the session that is to be authenticated. */
export interface GreetingSession extends RequestSession {
  readonly gate: Gate;
  /** How long the client may be idle, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** What the client has shown of itself. */
  readonly shownCertificate: ShownCertificate | undefined;
  /** The client's IP address. */
  readonly hostname: string;
  readonly failedHellos: FailedHellos;
  /** Which other servers to tell the client of. */
  directions(): Directions;
  /** The client has said who it is. @throws {ProtocolError} `server-full`, `limit-reached`: no room for it. */
  admit(identity: Identity, hello: HelloRequest): void;
  /** The client is not let in. Comes when it has read why, or had time to. */
  reject(why: string, reason: ServerEndReason): void;
  /** The client does not want to be greeted. */
  close(reason: ServerEndReason): void;
}

/**
 * Serves the first stream of a connection, on which the client must say hello, and who it is.
 *
 * @returns Resolves when the session is admitted or rejected; never rejects itself.
 */
export async function greet(stream: PeerStream, session: GreetingSession): Promise<void> {
  using request = new RequestStream(stream, session, session.services.memory);
  const reader = new MessageReader(request);
  try {
    const message = await reader.readMessage(session);
    const hello = checkHello(message);
    session.admit(identify(hello, session), hello);
    const response: HelloResponse = {
      session: session.id,
      server: `msquicd/${VERSION}`,
      maxBodyLength: session.maxBodyLength,
      idleTimeoutMs: session.idleTimeoutMs,
      ...(canCompress() ? { compressions: [...COMPRESSIONS] } : {}),
      minAckDelayMs: minAckDelayMs(),
      ...session.directions(),
    };
    await request.send(encodeAnswer(messages.hello.type, response), { fin: true });
    session.services.counters.add("requests", 1);
    void finishReceiving(stream, reader);
  } catch (error) {
    if (isGone(error)) return session.close("unauthenticated");
    using penance = isWrongToken(error) ? session.failedHellos.note(session.hostname) : undefined;
    const { waitMs = 0 } = penance ?? {};
    if (waitMs > 0) await settlesWithin(stream.closed, waitMs);
    const refusal = penance === undefined || waitMs === 0 ? error : tooManyAttempts(penance);
    // Of too many that would have to wait, no more is heard.
    if (penance === undefined || penance.waitMs !== undefined) {
      await settlesWithin(turnAway(stream, request, refusal, session), FAREWELL_MS);
    }
    stream.release();
    session.reject(refusal instanceof Error ? refusal.message : String(refusal), reasonOf(refusal));
  }
}

function isWrongToken(error: unknown): boolean {
  return error instanceof ProtocolError && error.code === "wrong-token";
}

function tooManyAttempts({ failures, nextMs }: Penance): ProtocolError {
  return new ProtocolError(
    "too-many-attempts",
    `Token is wrong, and it is number ${failures} of this address: answers to wrong ones come late now; ` +
      "the right one is taken at once",
    { retryAfterMs: nextMs },
  );
}

/** For which reason somebody is not let in. */
function reasonOf(error: unknown): ServerEndReason {
  const noRoom = error instanceof ProtocolError &&
    (error.code === "server-full" || error.code === "limit-reached");
  return noRoom ? "no-room" : "unauthenticated";
}

/** @throws {ProtocolError} It is no hello. */
function checkHello(message: Message): HelloRequest {
  if (message.type !== messages.hello.type || message.flags !== 0) {
    throw new ProtocolError("unauthenticated", "The first stream of a connection must say hello");
  }
  return messages.hello.parseRequest(message.body);
}

/** @throws {ProtocolError} `wrong-token`. */
function identify(
  { token = "" }: HelloRequest,
  { gate, shownCertificate: certificate }: Pick<GreetingSession, "gate" | "shownCertificate">,
): Identity {
  const identity = gate.identify(token, certificate);
  if (identity === undefined) throw new ProtocolError("wrong-token", refusal(token, certificate));
  if (!identity.hasExpired(Date.now())) return identity;
  throw new ProtocolError("wrong-token", `Token "${identity.name}" has expired; ask for another`);
}

/** Why somebody is nobody that is known. */
function refusal(token: string, certificate: ShownCertificate | undefined): string {
  if (token !== "") return WIRE_ERRORS["wrong-token"];
  if (certificate === undefined) return NO_TOKEN;
  return certificate.trusted ? UNKNOWN : UNTRUSTED;
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
