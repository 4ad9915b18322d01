import { settlesWithin } from "../../base/mod.ts";
import { ApplicationError, type ProtocolError } from "../../protocol/mod.ts";
import { auditFailure } from "./audited_request.ts";
import { isGone, refuse, type RequestSession } from "./dispatch.ts";
import { RequestStream } from "./request_stream.ts";
import type { PeerStream } from "../transport.ts";

/**
 * Answers a request with an error before anything but its type has been looked at.
 *
 * @param holdMs For how long to hold the answer back, in milliseconds; until the client gives up at most.
 * @returns Resolves when the client has the answer, or cannot have it; never rejects.
 */
export async function turnDown(
  stream: PeerStream,
  session: RequestSession,
  error: ProtocolError,
  holdMs: number,
): Promise<void> {
  using request = new RequestStream(stream, session, session.services.memory);
  if (holdMs > 0) await settlesWithin(stream.closed, holdMs);
  try {
    // The answer names the request's type.
    while (!request.typeKnown && await request.read() !== null);
    auditFailure(error, request.type, undefined, session);
    const stop = stream.exhausted ? undefined : ApplicationError.refused;
    await refuse(stream, request, error, session, stop);
  } catch (failure) {
    stream.abort(isGone(failure) ? ApplicationError.cancelled : ApplicationError.internal);
  }
  stream.release();
}
