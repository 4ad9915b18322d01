import { SegmentCorruptError } from "./errors.ts";

/** An object from the other process of which only the keys have been checked. */
export type Fields = Readonly<Record<string, unknown>>;

/** Takes an object that has no other keys than these. @throws {SegmentCorruptError} */
export function fieldsOf(value: unknown, what: string, keys: readonly string[]): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw malformed(`${what} is no object`);
  }
  const unknownKey = Object.keys(value).find((key) => !keys.includes(key));
  if (unknownKey !== undefined) throw malformed(`${what} has an unknown field "${unknownKey}"`);
  return { ...value };
}

/** @throws {SegmentCorruptError} when it is no string. */
export function stringField(fields: Fields, key: string): string {
  const value = own(fields, key);
  if (typeof value === "string") return value;
  throw malformed(`field "${key}" is no string`);
}

/** @throws {SegmentCorruptError} when it is no integer between `min` and `max`, both included. */
export function integerField(fields: Fields, key: string, min: number, max: number): number {
  const value = own(fields, key);
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) {
    return value;
  }
  throw malformed(`field "${key}" is no integer from ${min} to ${max}`);
}

/** What is wrong with a message. */
export function malformed(reason: string): SegmentCorruptError {
  return new SegmentCorruptError(`Cannot read a message from the segment: ${reason}`);
}

function own(fields: Fields, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}
