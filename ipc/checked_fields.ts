import { isLogLevel, type LogLevel } from "@logtape/logtape";
import { SegmentCorruptError } from "./errors.ts";

/** An object from the other process of which only the keys have been checked. */
export type Fields = Readonly<Record<string, unknown>>;

/** Takes one field out of an object, if it is what it should be. @throws {SegmentCorruptError} */
export type FieldCheck<Value> = (fields: Fields, key: string) => Value;

/** The check of a field that need not be there. */
export type OptionalCheck<Value> = FieldCheck<Value> & { readonly optional: true };

/** How each field of an object is checked. */
export type FieldChecks = Readonly<Record<string, FieldCheck<unknown>>>;

/** What checked fields are. */
export type Checked<Checks> =
  & { [Name in keyof Checks as Checks[Name] extends Optional ? never : Name]: Of<Checks[Name]> }
  & { [Name in keyof Checks as Checks[Name] extends Optional ? Name : never]?: Of<Checks[Name]> };

type Optional = OptionalCheck<unknown>;
type Of<Check> = Check extends FieldCheck<infer Value> ? Value : never;

/**
 * Makes what takes an object that has these fields and no others.
 *
 * @returns A function that throws {@linkcode SegmentCorruptError}, in which it calls the object `what`.
 */
export function fieldsChecker<Checks extends FieldChecks>(
  checks: Checks,
): (value: unknown, what: string) => Checked<Checks> {
  const keys = Object.keys(checks);
  const entries = Object.entries(checks);
  return (value, what) => {
    const fields = fieldsOf(value, what, keys);
    const checked: Record<string, unknown> = {};
    for (const [key, check] of entries) {
      if ("optional" in check && !Object.hasOwn(fields, key)) continue;
      checked[key] = check(fields, key);
    }
    return checked as Checked<Checks>;
  };
}

/** A field that need not be there. */
export function optional<Value>(check: FieldCheck<Value>): OptionalCheck<Value> {
  return Object.assign((fields: Fields, key: string) => check(fields, key), {
    optional: true as const,
  });
}

/** A field that is an object with these fields and no others. */
export function objectField<Checks extends FieldChecks>(
  checks: Checks,
): FieldCheck<Checked<Checks>> {
  const check = fieldsChecker(checks);
  return (fields, key) => check(own(fields, key), key);
}

/** A field that is an array of objects with these fields and no others. */
export function listField<Checks extends FieldChecks>(
  checks: Checks,
): FieldCheck<Checked<Checks>[]> {
  const check = fieldsChecker(checks);
  return (fields, key) => {
    const value = own(fields, key);
    if (!Array.isArray(value)) throw malformed(`field "${key}" is no array`);
    return value.map((item) => check(item, `one of "${key}"`));
  };
}

/** A field that is an array of texts. */
export function textsField(fields: Fields, key: string): readonly string[] {
  const value = own(fields, key);
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw malformed(`field "${key}" is no array of strings`);
}

/** A field that is an integer from `min` up. */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): FieldCheck<number> {
  return (fields, key) => integerField(fields, key, min, max);
}

/** A field that is a number from `min` up, whole or not. */
export function numberField(min: number): FieldCheck<number> {
  return (fields, key) => {
    const value = own(fields, key);
    if (typeof value === "number" && Number.isFinite(value) && value >= min) return value;
    throw malformed(`field "${key}" is no number from ${min}`);
  };
}

/** A field that is whatever it is; `undefined` if it is not there. */
export function anyField(fields: Fields, key: string): unknown {
  return own(fields, key);
}

/** A field that is an object of any fields. @throws {SegmentCorruptError} */
export function mapField(fields: Fields, key: string): Record<string, unknown> {
  const value = own(fields, key);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw malformed(`field "${key}" is no object`);
}

/** A field that is one of these words. */
export function wordField<Word extends string>(...words: Word[]): FieldCheck<Word> {
  return (fields, key) => {
    const word = words.find((word) => word === own(fields, key));
    if (word !== undefined) return word;
    throw malformed(`field "${key}" is none of ${words.join(", ")}`);
  };
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

/** A field that is so many bytes, in lower-case hexadecimal digits. */
export function hexField(bytes: number): FieldCheck<string> {
  const digits = new RegExp(`^[0-9a-f]{${2 * bytes}}$`);
  return (fields, key) => {
    const text = stringField(fields, key);
    if (digits.test(text)) return text;
    throw malformed(`field "${key}" is not ${bytes} bytes in hexadecimal digits`);
  };
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

/** What is wrong with a message. */
export function malformed(reason: string): SegmentCorruptError {
  return new SegmentCorruptError(`Cannot read a message from the segment: ${reason}`);
}

function own(fields: Fields, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}
