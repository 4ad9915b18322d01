import { isTopic, MAX_EVENT_LENGTH } from "../../protocol/mod.ts";
import { encodeBody } from "../../protocol/body.ts";

/** What the topics of the server's own events begin with. */
const OWN = /^(?:session|transfer|file|events)(?:\.|$)/;

/**
 * Refuses an event of a handler that could not be told, or would be taken for one of the server's own.
 *
 * @throws {TypeError}
 */
export function checkEvent(topic: string, body: Record<string, unknown>): void {
  if (!isTopic(topic) || OWN.test(topic)) {
    throw new TypeError(`Cannot publish to topic ${JSON.stringify(topic)}: one is like chat.said`);
  }
  const { length } = encodeBody(body);
  if (length <= MAX_EVENT_LENGTH) return;
  throw new TypeError(`Cannot publish ${length} bytes: ${MAX_EVENT_LENGTH} are the most`);
}
