import type { MessageDefinition } from "../definition.ts";
import { fieldsOf, integerField, timeField } from "../fields.ts";
import { type EmptyRequest, parseNothing, systemText } from "../system_bodies.ts";

/** No time zone is further from UTC, in minutes. */
const MAX_OFFSET = 24 * 60;

/** Answer to `system.time`. */
export interface SystemTimeResponse {
  /** The server's clock, in milliseconds since 1970-01-01 UTC. */
  time: number;
  /** Its time zone, as in `Europe/Berlin`. */
  zone: string;
  /** How far that is ahead of UTC at the moment, in minutes. */
  offsetMinutes: number;
}

/** Asks for the server's clock and its time zone. */
export const systemTime: MessageDefinition<EmptyRequest, SystemTimeResponse, 33> = {
  type: 33,
  name: "system.time",
  right: "system",
  parseRequest: parseNothing,
  parseResponse(body) {
    const fields = fieldsOf(body);
    return {
      time: timeField(fields, "time"),
      zone: systemText(fields, "zone"),
      offsetMinutes: integerField(fields, "offsetMinutes", -MAX_OFFSET, MAX_OFFSET),
    };
  },
};
