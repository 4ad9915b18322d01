import type { SequenceDefinition } from "../definition.ts";
import { ProtocolError } from "../errors.ts";
import {
  booleanField,
  type Fields,
  fieldsOf,
  hasField,
  integerField,
  textField,
  timeField,
} from "../fields.ts";
import { MAX_TOPIC_LENGTH, MAX_TOPICS } from "../limits.ts";

/** Request of `events.subscribe`. */
export interface EventsSubscribeRequest {
  /** Which events: `session.opened`, all below `session` as `session.*`, or all of all as `*`. */
  topics: readonly string[];
  /** Only what happens in the worker that is asked; by default in all workers of its instance. */
  here?: boolean;
}

/** One answer to `events.subscribe`: something that has happened. */
export interface ServerEvent {
  /** What kind of thing: words with dots between them. The first one is {@linkcode SUBSCRIBED}. */
  topic: string;
  /** When, on the server's clock, in milliseconds since 1970-01-01 UTC. */
  time: number;
  /** What there is to say of it. */
  body: Record<string, unknown>;
  /** How many events before it were thrown away, since the client was too slow; nothing for none. */
  lost?: number;
}

/** Topic of the first event: from here on, nothing is missed without being counted. */
export const SUBSCRIBED = "events.subscribed";

/** Tells a client of what happens in workers, as it happens. */
export const eventsSubscribe: SequenceDefinition<EventsSubscribeRequest, ServerEvent, 8> = {
  type: 8,
  name: "events.subscribe",
  right: "read",
  sequence: true,
  parseRequest(body) {
    const fields = fieldsOf(body);
    const topics = topicsField(fields);
    return hasField(fields, "here") ? { topics, here: booleanField(fields, "here") } : { topics };
  },
  parseResponse(body) {
    const fields = fieldsOf(body);
    const event: ServerEvent = {
      topic: textField(fields, "topic", MAX_TOPIC_LENGTH),
      time: timeField(fields, "time"),
      body: { ...fieldsOf(fields.body, 'Field "body"') },
    };
    if (hasField(fields, "lost")) {
      event.lost = integerField(fields, "lost", 0, Number.MAX_SAFE_INTEGER);
    }
    return event;
  },
};

/** Whether a text can be the topic of an event. */
export function isTopic(text: string): boolean {
  return text.length <= MAX_TOPIC_LENGTH && /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(text);
}

function topicsField(fields: Fields): string[] {
  const { topics } = fields;
  const isList = Array.isArray(topics) && topics.length >= 1 && topics.length <= MAX_TOPICS;
  if (isList && topics.every((topic) => typeof topic === "string" && isPattern(topic))) {
    return topics;
  }
  throw new ProtocolError(
    "bad-body",
    `Field "topics" is not 1 to ${MAX_TOPICS} topics like session.opened, session.* or *`,
  );
}

function isPattern(text: string): boolean {
  return text === "*" || isTopic(text.endsWith(".*") ? text.slice(0, -2) : text);
}
