import { ConnectionEndedError, minAckDelayMs } from "../ffi/mod.ts";
import {
  ApplicationError,
  type HelloResponse,
  messages,
  RemoteError,
  WIRE_ERRORS,
} from "../protocol/mod.ts";
import type { ClientConnection } from "./link.ts";
import { accessEnded } from "./access_ended.ts";
import { ask } from "./exchange.ts";

/** Says hello, on the first stream of a connection. */
export async function greet(
  connection: ClientConnection,
  greeting: { token: string | undefined; agent: string | undefined },
  signal: AbortSignal,
): Promise<HelloResponse> {
  // Older servers want one, and say of an empty one that it is wrong.
  const { token = "", agent } = greeting;
  const body = { token, ...(agent === undefined ? {} : { agent }), minAckDelayMs: minAckDelayMs() };
  try {
    return await ask(connection, messages.hello, body, { signal });
  } catch (error) {
    throw await refusal(connection, error, token) ?? error;
  }
}

/** A server that ends the connection may do so before its answer, if there is one, has arrived. */
async function refusal(
  connection: ClientConnection,
  error: unknown,
  token: string,
): Promise<Error | undefined> {
  if (error instanceof RemoteError) return undefined;
  // Its streams hear of the end a moment before it is known who ended it.
  const ending = error instanceof ConnectionEndedError;
  const end = await (ending ? connection.ended : Promise.race([connection.ended, undefined]));
  if (end?.by !== "peer") return undefined;
  switch (end.errorCode) {
    case ApplicationError.unauthenticated:
      return new RemoteError(
        "wrong-token",
        token === "" ? "Server lets nobody in without a token; show one" : "Token is wrong",
      );
    case ApplicationError.revoked:
      return accessEnded();
    case ApplicationError.ended:
      return new RemoteError("session-ended", WIRE_ERRORS["session-ended"]);
    case ApplicationError.refused:
      return new RemoteError("server-full", "Server has too many clients; try again later");
  }
}
