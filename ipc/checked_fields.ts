import { isLogLevel, type LogLevel } from "@logtape/logtape";
import { SegmentCorruptError } from "./errors.ts";

/** An object from the other process of which only the keys have been checked. */
export type Fields = Readonly<Record<string, unknown>>;

/** Takes one field out of an object, if it is what it should be. @throws {SegmentCorruptError} */
export type FieldCheck<Value> = (fields: Fields, key: string) => Value;

/** How each field of an object is checked. */
export type FieldChecks = Readonly<Record<string, FieldCheck<unknown>>>;

/** What checked fields are. */
export type Checked<Checks extends FieldChecks> = {
  [Name in keyof Checks]: ReturnType<Checks[Name]>;
};

/** Takes an object that has these fields and no others. @throws {SegmentCorruptError} */
export function checkFields<Needed extends FieldChecks, Optional extends FieldChecks>(
  value: unknown,
  what: string,
  needed: Needed,
  optional: Optional,
): Checked<Needed> & Partial<Checked<Optional>> {
  const fields = fieldsOf(value, what, [...Object.keys(needed), ...Object.keys(optional)]);
  const there = Object.entries(optional).filter(([key]) => Object.hasOwn(fields, key));
  return Object.fromEntries(
    [...Object.entries(needed), ...there].map(([key, check]) => [key, check(fields, key)]),
  ) as Checked<Needed> & Partial<Checked<Optional>>;
}

/** A field that is an object with these fields and no others. */
export function objectField<Checks extends FieldChecks>(
  checks: Checks,
): FieldCheck<Checked<Checks>> {
  return (fields, key) => checkFields(own(fields, key), key, checks, {});
}

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

/** @throws {SegmentCorruptError} when it is no log level. */
export function logLevelField(fields: Fields, key: string): LogLevel {
  const level = stringField(fields, key);
  if (isLogLevel(level)) return level;
  throw malformed(`field "${key}" is no log level`);
}

/** @throws {SegmentCorruptError} when it is neither true nor false. */
export function booleanField(fields: Fields, key: string): boolean {
  const value = own(fields, key);
  if (typeof value === "boolean") return value;
  throw malformed(`field "${key}" is neither true nor false`);
}

/** @throws {SegmentCorruptError} when it is no array, or something in it is not what `item` takes. */
export function arrayField<T>(fields: Fields, key: string, item: (value: unknown) => T): T[] {
  const value = own(fields, key);
  if (Array.isArray(value)) return value.map(item);
  throw malformed(`field "${key}" is no array`);
}

/** What is wrong with a message. */
export function malformed(reason: string): SegmentCorruptError {
  return new SegmentCorruptError(`Cannot read a message from the segment: ${reason}`);
}

function own(fields: Fields, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}
