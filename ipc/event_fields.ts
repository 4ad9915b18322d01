import { type Checked, type FieldCheck, integer, listField, malformed } from "./checked_fields.ts";

/** How many topics a worker names, or is named, at most: who wants more wants all (`*`). */
export const MAX_INTERESTS = 256;

/** How many events one message has at most. */
export const MAX_BATCH = 64;

/** How many topics of events that were lost one message names at most. */
export const MAX_LOSSES = 64;

/** How long a topic is at most, in characters. */
const MAX_TOPIC = 128;

/** How long an event's body is at most, in characters: 16,384 bytes and what base64 adds, with room. */
const MAX_BODY = 24_000;

const EVENT = {
  topic: textUpTo(MAX_TOPIC),
  /** In milliseconds since 1970. */
  time: integer(0),
  /** MessagePack, in base64. */
  body: textUpTo(MAX_BODY),
};

const LOSS = {
  /** `*` where it is not known any more. */
  topic: textUpTo(MAX_TOPIC),
  count: integer(1),
};

/** Which topics are wanted. */
export const INTEREST = { topics: boundedList(topicsField, MAX_INTERESTS) };

/** What has happened, and of which topics how much has got lost on the way here. */
export const EVENTS = {
  events: boundedList(listField(EVENT), MAX_BATCH),
  lost: boundedList(listField(LOSS), MAX_LOSSES),
};

/** An event on its way from the worker where it happened to others. */
export type RelayedEvent = Checked<typeof EVENT>;

/** Events that got lost on their way. */
export type RelayLoss = Checked<typeof LOSS>;

/** What one message has of events. */
export type EventBatch = Checked<typeof EVENTS>;

function topicsField(fields: Readonly<Record<string, unknown>>, key: string): string[] {
  const value = fields[key];
  if (Array.isArray(value) && value.every((item) => isTextUpTo(item, MAX_TOPIC))) return value;
  throw malformed(`field "${key}" is no array of topics`);
}

function textUpTo(length: number): FieldCheck<string> {
  return (fields, key) => {
    const value = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (isTextUpTo(value, length)) return value;
    throw malformed(`field "${key}" is no string of up to ${length} characters`);
  };
}

function isTextUpTo(value: unknown, length: number): value is string {
  return typeof value === "string" && value.length <= length;
}

function boundedList<Item>(check: FieldCheck<Item[]>, most: number): FieldCheck<Item[]> {
  return (fields, key) => {
    const list = check(fields, key);
    if (list.length <= most) return list;
    throw malformed(`field "${key}" has more than ${most} items`);
  };
}
