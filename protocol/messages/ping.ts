import type { MessageDefinition } from "../definition.ts";
import { fieldsOf, timeField } from "../fields.ts";

/** Request of `ping`: nothing, so what is there is ignored. */
export type PingRequest = Readonly<Record<string, never>>;

/** Answer to `ping`. */
export interface PingResponse {
  /** The server's clock, in milliseconds since 1970-01-01 UTC. */
  time: number;
}

const NOTHING: PingRequest = Object.freeze({});

/** Asks for a sign of life. */
export const ping: MessageDefinition<PingRequest, PingResponse, 2> = {
  type: 2,
  name: "ping",
  right: "use",
  parseRequest: () => NOTHING,
  parseResponse: (body) => ({ time: timeField(fieldsOf(body), "time") }),
};
