import { MAX_PORT } from "../base/mod.ts";
import {
  badField,
  type Fields,
  fieldsOf,
  hasField,
  integerField,
  textField,
  timeField,
} from "./fields.ts";
import { MAX_AGENT_LENGTH, MAX_BODY_LENGTH, MAX_PORTS, MAX_TOKEN_LENGTH } from "./limits.ts";

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
  /** Ports of the same host on which the same server can be reached as well, least loaded first. */
  siblings?: number[];
  /** The one of them that has much less to do than the port that answers. */
  prefer?: number;
}

/** What a server says of itself on a stream of its own before it leaves; there is no answer. */
export interface GoAway {
  /** Ports of the same host that take over, least loaded first. */
  successors: number[];
  /** How long requests are still served on this connection, in milliseconds. */
  deadlineMs: number;
}

/** Answer to `ping`, whose request is an empty map. */
export interface PingResponse {
  /** The server's clock, in milliseconds since 1970-01-01 UTC. */
  time: number;
}

/** @throws {ProtocolError} `bad-body`. */
export function parseHelloRequest(body: unknown): HelloRequest {
  const fields = fieldsOf(body);
  const token = textField(fields, "token", MAX_TOKEN_LENGTH);
  return hasField(fields, "agent")
    ? { token, agent: textField(fields, "agent", MAX_AGENT_LENGTH) }
    : { token };
}

/** @throws {ProtocolError} `bad-body`. */
export function parseHelloResponse(body: unknown): HelloResponse {
  const fields = fieldsOf(body);
  const response: HelloResponse = {
    session: textField(fields, "session", 256),
    server: textField(fields, "server", 256),
    maxBodyLength: integerField(fields, "maxBodyLength", 1, MAX_BODY_LENGTH),
  };
  if (hasField(fields, "siblings")) response.siblings = portsField(fields, "siblings");
  if (hasField(fields, "prefer")) response.prefer = integerField(fields, "prefer", 1, MAX_PORT);
  return response;
}

/** @throws {ProtocolError} `bad-body`. */
export function parseGoAway(body: unknown): GoAway {
  const fields = fieldsOf(body);
  return {
    successors: portsField(fields, "successors"),
    deadlineMs: integerField(fields, "deadlineMs", 0, Number.MAX_SAFE_INTEGER),
  };
}

/** @throws {ProtocolError} `bad-body`. */
export function parsePingResponse(body: unknown): PingResponse {
  return { time: timeField(fieldsOf(body), "time") };
}

function portsField(fields: Fields, field: string): number[] {
  const value = fields[field];
  if (!Array.isArray(value)) throw badField(field, "an array", value);
  if (value.length > MAX_PORTS) throw badField(field, `at most ${MAX_PORTS} ports`, value);
  return value.map((port) => integerField({ [field]: port }, field, 1, MAX_PORT));
}
