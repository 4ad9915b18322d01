import { fieldsOf, hasField, integerField, textField, timeField } from "./fields.ts";
import { MAX_BODY_LENGTH } from "./limits.ts";

/** Request of `hello`, the first message of a connection. */
export interface HelloRequest {
  /** The server's access token. */
  token: string;
  /** Name and version of the client program, for the server's log. */
  agent?: string;
}

/** Answer to `hello`. */
export interface HelloResponse {
  /** The server's name for the session. */
  session: string;
  /** Name and version of the server program. */
  server: string;
  /** Longest message body that the server takes, in bytes. */
  maxBodyLength: number;
}

/** Answer to `ping`, whose request is an empty map. */
export interface PingResponse {
  /** The server's clock, in milliseconds since 1970-01-01 UTC. */
  time: number;
}

/** @throws {ProtocolError} `bad-body`. */
export function parseHelloRequest(body: unknown): HelloRequest {
  const fields = fieldsOf(body);
  const token = textField(fields, "token", 1024);
  return hasField(fields, "agent") ? { token, agent: textField(fields, "agent", 256) } : { token };
}

/** @throws {ProtocolError} `bad-body`. */
export function parseHelloResponse(body: unknown): HelloResponse {
  const fields = fieldsOf(body);
  return {
    session: textField(fields, "session", 256),
    server: textField(fields, "server", 256),
    maxBodyLength: integerField(fields, "maxBodyLength", 1, MAX_BODY_LENGTH),
  };
}

/** @throws {ProtocolError} `bad-body`. */
export function parsePingResponse(body: unknown): PingResponse {
  return { time: timeField(fieldsOf(body), "time") };
}
