import type { NoticeDefinition } from "../definition.ts";
import { fieldsOf, hasField, textField } from "../fields.ts";
import { MAX_NOTE_LENGTH } from "../limits.ts";

/** Longest reason, in UTF-16 code units. */
const MAX_REASON_LENGTH = 64;

/** What a server says on a stream of its own before it ends a session for good. */
export interface Farewell {
  /** One of `SESSION_END_REASONS`, or a word of a newer server. */
  reason: string;
  /** What the server's operator has to say of it. */
  message?: string;
}

/** Tells a client that its session ends, and that it is not to come back by itself. */
export const farewell: NoticeDefinition<Farewell, 5> = {
  type: 5,
  name: "farewell",
  parse(body) {
    const fields = fieldsOf(body);
    const reason = textField(fields, "reason", MAX_REASON_LENGTH);
    return hasField(fields, "message")
      ? { reason, message: textField(fields, "message", MAX_NOTE_LENGTH) }
      : { reason };
  },
};
