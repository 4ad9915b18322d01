import { MAX_PORT } from "../base/mod.ts";
import { ProtocolError } from "./errors.ts";
import { MAX_PORTS } from "./limits.ts";

/** The fields of a body that is being checked. Fields nobody asks for are ignored. */
export type Fields = Readonly<Record<string, unknown>>;

/** Latest and earliest time that a `Date` holds, in milliseconds from the epoch. */
const MAX_TIME = 8.64e15;

/**
 * A body as fields.
 *
 * @throws {ProtocolError} `bad-body`.
 */
export function fieldsOf(value: unknown, what = "Message body"): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new ProtocolError("bad-body", `${what} is not a map`);
}

/**
 * A field that is text of at most `maxLength` UTF-16 code units.
 *
 * @throws {ProtocolError} `bad-body`, naming the field.
 */
export function textField(fields: Fields, field: string, maxLength: number): string {
  const value = fields[field];
  if (typeof value !== "string") throw badField(field, "a string", value);
  if (value.length > maxLength) {
    throw badField(field, `text of at most ${maxLength} characters`, value);
  }
  return value;
}

/**
 * A field that is a whole number between `min` and `max`.
 *
 * @throws {ProtocolError} `bad-body`, naming the field.
 */
export function integerField(fields: Fields, field: string, min: number, max: number): number {
  const value = fields[field];
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max) {
    return value;
  }
  throw badField(field, `a whole number from ${min} to ${max}`, value);
}

/**
 * A field that is a number between `min` and `max`, whole or not.
 *
 * @throws {ProtocolError} `bad-body`, naming the field.
 */
export function numberField(fields: Fields, field: string, min: number, max: number): number {
  const value = fields[field];
  if (typeof value === "number" && value >= min && value <= max) return value;
  throw badField(field, `a number from ${min} to ${max}`, value);
}

/**
 * A field that is a list of at most `max` items.
 *
 * @param parse Checks an item.
 * @throws {ProtocolError} `bad-body`, naming the field; or what `parse` throws.
 */
export function listField<Item>(
  fields: Fields,
  field: string,
  max: number,
  parse: (item: unknown) => Item,
): Item[] {
  const value = fields[field];
  if (!Array.isArray(value)) throw badField(field, "an array", value);
  if (value.length > max) throw badField(field, `an array of at most ${max}`, value);
  return value.map(parse);
}

/**
 * A field that is a number of bytes.
 *
 * @throws {ProtocolError} `bad-body`, naming the field.
 */
export function sizeField(fields: Fields, field: string): number {
  return integerField(fields, field, 0, Number.MAX_SAFE_INTEGER);
}

/**
 * A field that is a time in milliseconds since 1970-01-01 UTC.
 *
 * @throws {ProtocolError} `bad-body`, naming the field.
 */
export function timeField(fields: Fields, field: string): number {
  return integerField(fields, field, -MAX_TIME, MAX_TIME);
}

/**
 * A field that is true or false.
 *
 * @throws {ProtocolError} `bad-body`, naming the field.
 */
export function booleanField(fields: Fields, field: string): boolean {
  const value = fields[field];
  if (typeof value === "boolean") return value;
  throw badField(field, "true or false", value);
}

/**
 * A field that is one of a few words.
 *
 * @throws {ProtocolError} `bad-body`, naming the field.
 */
export function wordField<Word extends string>(
  fields: Fields,
  field: string,
  words: readonly Word[],
): Word {
  const value = fields[field];
  const word = words.find((known) => known === value);
  if (word === undefined) throw badField(field, `one of ${words.join(", ")}`, value);
  return word;
}

/**
 * A field that is a SHA-256 as 64 lower-case hexadecimal digits.
 *
 * @throws {ProtocolError} `bad-body`, naming the field.
 */
export function sha256Field(fields: Fields, field: string): string {
  const value = fields[field];
  if (typeof value === "string" && /^[0-9a-f]{64}$/.test(value)) return value;
  throw badField(field, "64 lower-case hexadecimal digits", value);
}

/**
 * A field that is exactly `length` bytes.
 *
 * @throws {ProtocolError} `bad-body`, naming the field.
 */
export function bytesField(fields: Fields, field: string, length: number): Uint8Array {
  const value = fields[field];
  if (value instanceof Uint8Array && value.length === length) return value;
  throw badField(field, `${length} bytes`, value);
}

/**
 * A field that is an upload's id, 32 lower-case hexadecimal digits.
 *
 * @throws {ProtocolError} `bad-body`, naming the field.
 */
export function uploadIdField(fields: Fields, field: string): string {
  const value = fields[field];
  if (isUploadId(value)) return value;
  throw badField(field, "32 lower-case hexadecimal digits", value);
}

/** Whether a value can be the id of an upload. */
export function isUploadId(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{32}$/.test(value);
}

/**
 * A field that is a UDP port.
 *
 * @throws {ProtocolError} `bad-body`, naming the field.
 */
export function portField(fields: Fields, field: string): number {
  return integerField(fields, field, 1, MAX_PORT);
}

/**
 * A field that is a list of at most {@linkcode MAX_PORTS} UDP ports.
 *
 * @throws {ProtocolError} `bad-body`, naming the field.
 */
export function portsField(fields: Fields, field: string): number[] {
  const value = fields[field];
  if (!Array.isArray(value)) throw badField(field, "an array", value);
  if (value.length > MAX_PORTS) throw badField(field, `at most ${MAX_PORTS} ports`, value);
  return value.map((port) => portField({ [field]: port }, field));
}

/** Whether an optional field is there; `nil` counts as absent. */
export function hasField(fields: Fields, field: string): boolean {
  return fields[field] !== undefined && fields[field] !== null;
}

/** The error for a field that is not as it should be. */
export function badField(field: string, wanted: string, value: unknown): ProtocolError {
  const problem = value === undefined ? "is missing" : `is not ${wanted}`;
  return new ProtocolError("bad-body", `Field "${field}" ${problem}`);
}
