import type { MessageDefinition } from "../definition.ts";
import { type Fields, fieldsOf } from "../fields.ts";

/** Sends anything, and raw bytes, which come back as they are. */
export const echo: MessageDefinition<Fields, Fields, 3> = {
  type: 3,
  name: "echo",
  right: "use",
  parseRequest: fieldsOf,
  parseResponse: fieldsOf,
};
