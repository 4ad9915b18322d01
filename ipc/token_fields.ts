import { isPrefix } from "../base/name_prefix.ts";
import { isScope, MAX_SCOPES, type Scope } from "../base/scopes.ts";
import { isTokenName } from "../base/token_grant.ts";
import { type Fields, hexField, integer, malformed, optional } from "./checked_fields.ts";

/** What a worker is told of a token: each field, with how it is checked. */
export const TOKEN = {
  name: nameField,
  /** SHA-256 of the token, in lower-case hex. */
  digest: hexField(32),
  allow: scopesField,
  /** The directory below which names have to be. */
  prefix: optional(prefixField),
  /** When it ends, in milliseconds since 1970. */
  expiresAt: optional(integer(0)),
  /** How many bytes there may be of what is stored by it. */
  quotaBytes: optional(integer(0)),
};

/** @throws {SegmentCorruptError} */
function nameField(fields: Fields, key: string): string {
  const value = fields[key];
  if (isTokenName(value)) return value;
  throw malformed(`field "${key}" is no name of a token`);
}

/** @throws {SegmentCorruptError} */
function prefixField(fields: Fields, key: string): string {
  const value = fields[key];
  if (isPrefix(value)) return value;
  throw malformed(`field "${key}" is no name of a directory`);
}

/** @throws {SegmentCorruptError} */
function scopesField(fields: Fields, key: string): readonly Scope[] {
  const value = fields[key];
  if (Array.isArray(value) && value.length <= MAX_SCOPES && value.every(isScope)) return value;
  throw malformed(`field "${key}" is no list of scopes`);
}
