import { isPrefix } from "./name_prefix.ts";
import { isQuota } from "./quotas.ts";
import { isScope, MAX_SCOPES, type Scope } from "./scopes.ts";

/** What a server knows of a token: not what it is, but how to recognise it, and what it allows. */
export interface TokenGrant {
  /** What it is called. */
  readonly name: string;
  /** SHA-256 of it, in lower-case hex. It has 256 random bits, so that nobody finds it by trying. */
  readonly digest: string;
  /** What whoever has it may do. */
  readonly allow: readonly Scope[];
  /** The directory below which names have to be; everywhere if it is left out. */
  readonly prefix?: string;
  /** When it ends, in milliseconds since 1970-01-01 UTC; never if it is left out. */
  readonly expiresAt?: number;
  /** How many bytes there may be of what is stored by it; any number if it is left out. */
  readonly quotaBytes?: number;
}

/** How many tokens an instance has at most, besides its owner's. */
export const MAX_TOKENS = 1000;

const GRANT_KEYS: readonly string[] = [
  "name",
  "digest",
  "allow",
  "prefix",
  "expiresAt",
  "quotaBytes",
];

/** Whether something is a grant, with nothing in it that is not known: that could be what limits it. */
export function isTokenGrant(value: unknown): value is TokenGrant {
  if (typeof value !== "object" || value === null) return false;
  if (Object.keys(value).some((key) => !GRANT_KEYS.includes(key))) return false;
  const fields: Partial<Record<string, unknown>> = { ...value };
  const { name, digest, allow, prefix, expiresAt, quotaBytes } = fields;
  return isTokenName(name) && typeof digest === "string" && /^[0-9a-f]{64}$/.test(digest) &&
    Array.isArray(allow) && allow.length <= MAX_SCOPES && allow.every(isScope) &&
    (prefix === undefined || isPrefix(prefix)) &&
    (expiresAt === undefined || isTime(expiresAt)) &&
    (quotaBytes === undefined || isQuota(quotaBytes));
}

/** What there is to know of a token, without what else is said of it. */
export function grantOf(grant: TokenGrant): TokenGrant {
  const { name, digest, allow, prefix, expiresAt, quotaBytes } = grant;
  return {
    ...{ name, digest, allow },
    ...(prefix === undefined ? {} : { prefix }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(quotaBytes === undefined ? {} : { quotaBytes }),
  };
}

/** Whether it is a moment, in milliseconds since 1970-01-01 UTC. */
export function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** Names of who is let in otherwise, which are not for tokens. */
const RESERVED: readonly string[] = ["owner", "anonymous", "stranger", "manager"];

/** How the name of a token is written, for people. */
export const TOKEN_NAME_FORM =
  "1 to 64 letters, digits, dots, dashes and underscores, with a letter or a digit in front";

/** Whether a text can be the name of a token. */
export function isTokenName(name: unknown): name is string {
  return typeof name === "string" && /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name) &&
    !RESERVED.includes(name.toLowerCase());
}
