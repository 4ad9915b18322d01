import {
  ApplicationError,
  type HelloResponse,
  MessageType,
  parseHelloResponse,
  RemoteError,
} from "../protocol/mod.ts";
import type { ClientConnection } from "./link.ts";
import { ask } from "./exchange.ts";

/** Says hello, on the first stream of a connection. */
export async function greet(
  connection: ClientConnection,
  greeting: { token: string; agent: string | undefined },
  signal: AbortSignal,
): Promise<HelloResponse> {
  const { token, agent } = greeting;
  const body = agent === undefined ? { token } : { token, agent };
  try {
    return parseHelloResponse(await ask(connection, MessageType.hello, body, { signal }));
  } catch (error) {
    throw await endedUnauthenticated(connection) ? wrongToken(error) : error;
  }
}

/** A server that ends the connection over the token may do so before its answer has arrived. */
async function endedUnauthenticated(connection: ClientConnection): Promise<boolean> {
  const end = await Promise.race([connection.ended, undefined]);
  return end?.by === "peer" && end.errorCode === ApplicationError.unauthenticated;
}

function wrongToken(error: unknown): unknown {
  if (error instanceof RemoteError) return error;
  return new RemoteError("wrong-token", "Token is wrong");
}
