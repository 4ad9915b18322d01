import type { MessageDefinition } from "../definition.ts";
import {
  badField,
  type Fields,
  fieldsOf,
  hasField,
  integerField,
  portField,
  portsField,
  textField,
} from "../fields.ts";
import { MAX_AGENT_LENGTH, MAX_BODY_LENGTH, MAX_TOKEN_LENGTH } from "../limits.ts";

/** Most ways to compress that a server names, and how long their names may be. */
const MAX_COMPRESSIONS = 16;
const MAX_WORD_LENGTH = 32;

/** Longest delay of acknowledgements that QUIC knows, in milliseconds: 2^14 (RFC 9000 section 18.2). */
const MAX_ACK_DELAY_MS = 16_384;

/** Request of `hello`, the first message of a connection. */
export interface HelloRequest {
  /** One of the server's access tokens; none, or an empty one, of who has none. */
  token?: string;
  /** Name and version of the client program, for the server's log. */
  agent?: string;
  /** The shortest delay of acknowledgements that it lets itself be asked for; older clients do not say. */
  minAckDelayMs?: number;
}

/** Answer to `hello`. */
export interface HelloResponse {
  /** The server's name for the session. */
  session: string;
  /** Name and version of the server program. */
  server: string;
  /** Longest message body that the server takes, in bytes. */
  maxBodyLength: number;
  /** How long the server lets a client be idle, in milliseconds; older servers do not say. */
  idleTimeoutMs?: number;
  /** Ports of the same host on which the same server can be reached as well, least loaded first. */
  siblings?: number[];
  /** The one of them that has much less to do than the port that answers. */
  prefer?: number;
  /** The ways in which the server takes, and sends, the bytes of files compressed; none of older ones. */
  compressions?: string[];
  /** The shortest delay of acknowledgements that it lets itself be asked for; older servers do not say. */
  minAckDelayMs?: number;
}

/** Says who the client is. Sessions answer it themselves. */
export const hello: MessageDefinition<HelloRequest, HelloResponse, 1> = {
  type: 1,
  name: "hello",
  right: "none",
  parseRequest,
  parseResponse,
};

function parseRequest(body: unknown): HelloRequest {
  const fields = fieldsOf(body);
  const request: HelloRequest = {};
  if (hasField(fields, "token")) request.token = textField(fields, "token", MAX_TOKEN_LENGTH);
  if (hasField(fields, "agent")) request.agent = textField(fields, "agent", MAX_AGENT_LENGTH);
  if (hasField(fields, "minAckDelayMs")) request.minAckDelayMs = minAckDelayField(fields);
  return request;
}

function parseResponse(body: unknown): HelloResponse {
  const fields = fieldsOf(body);
  const response: HelloResponse = {
    session: textField(fields, "session", 256),
    server: textField(fields, "server", 256),
    maxBodyLength: integerField(fields, "maxBodyLength", 1, MAX_BODY_LENGTH),
  };
  if (hasField(fields, "idleTimeoutMs")) {
    response.idleTimeoutMs = integerField(fields, "idleTimeoutMs", 1, Number.MAX_SAFE_INTEGER);
  }
  if (hasField(fields, "siblings")) response.siblings = portsField(fields, "siblings");
  if (hasField(fields, "prefer")) response.prefer = portField(fields, "prefer");
  if (hasField(fields, "compressions")) response.compressions = compressionsField(fields);
  if (hasField(fields, "minAckDelayMs")) response.minAckDelayMs = minAckDelayField(fields);
  return response;
}

function minAckDelayField(fields: Fields): number {
  return integerField(fields, "minAckDelayMs", 0, MAX_ACK_DELAY_MS);
}

/** There may be ones that this version does not know. */
function compressionsField(fields: Fields): string[] {
  const { compressions } = fields;
  const isList = Array.isArray(compressions) && compressions.length <= MAX_COMPRESSIONS &&
    compressions.every((word) => typeof word === "string" && word.length <= MAX_WORD_LENGTH);
  if (isList) return compressions;
  throw badField("compressions", "an array of short strings", compressions);
}
