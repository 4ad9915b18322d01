import { counted } from "../../base/counted.ts";
import { type Schema, schemaOf, type Valibot } from "./schema.ts";
import type { Column, View } from "./view.ts";

/** What is known of a token, as `token list --json` prints it. */
export interface TokenStatus {
  name: string;
  /** What whoever has it may do. */
  allow: string[];
  /** The directory below which names have to be; `null` for everywhere. */
  prefix: string | null;
  /** When it was made, in milliseconds since 1970-01-01 UTC. */
  createdAt: number;
  /** When it ends, likewise; `null` if it does not. */
  expiresAt: number | null;
  /** Whether it has. */
  expired: boolean;
  /** How many bytes there may be in files that are stored by it; `null` for any number. */
  quotaBytes: number | null;
}

/** A token that was just made. */
export interface NewTokenResult extends TokenStatus {
  /** What clients show. It is told this once. */
  token: string;
  /** How many sessions of the one before were ended. */
  ended: number;
}

/** What is wanted of a new token. */
export interface TokenWish {
  readonly name: string;
  readonly allow: readonly string[];
  readonly prefix?: string | undefined;
  readonly expires?: string | undefined;
  readonly quota?: string | undefined;
}

/** What `token list` answers. */
export interface TokensResult {
  tokens: TokenStatus[];
}

/** What `token revoke` answers. */
export interface RevokedToken {
  name: string;
  /** How many sessions were ended. */
  ended: number;
}

/** Schema of {@linkcode TokensResult}. */
export const tokensResult: Schema<TokensResult> = schemaOf<TokensResult>()((v) =>
  v.object({ tokens: v.array(v.object(statusFields(v))) })
);

/** Schema of {@linkcode NewTokenResult}. */
export const newTokenResult: Schema<NewTokenResult> = schemaOf<NewTokenResult>()((v) =>
  v.object({ ...statusFields(v), token: v.string(), ended: v.number() })
);

/** Schema of {@linkcode RevokedToken}. */
export const revokedToken: Schema<RevokedToken> = schemaOf<RevokedToken>()((v) =>
  v.object({ name: v.string(), ended: v.number() })
);

/** Schema of what `token quota` answers. */
export const tokenQuotaResult: Schema<TokenStatus> = schemaOf<TokenStatus>()((v) =>
  v.object(statusFields(v))
);

const COLUMNS: readonly Column[] = [
  { heading: "NAME" },
  { heading: "ALLOW" },
  { heading: "BELOW", rank: 2 },
  { heading: "MADE", rank: 1 },
  { heading: "EXPIRES" },
  { heading: "QUOTA", numeric: true, rank: 3 },
];

/** Tokens, for people. */
export function showTokens({ tokens }: TokensResult, view: View): string {
  if (tokens.length === 0) return "There are no tokens but the owner's";
  return view.table(
    COLUMNS,
    tokens.map((token) => [
      token.name,
      token.allow.join(" ") || "-",
      token.prefix === null ? "-" : view.printable(token.prefix),
      showTime(token.createdAt),
      showExpiry(token, view),
      token.quotaBytes === null ? "-" : view.bytes(token.quotaBytes),
    ]),
  );
}

/** A token that was just made, for people. */
export function showNewToken({ token, ended, ...status }: NewTokenResult, view: View): string {
  const { name, allow, prefix } = status;
  const may = allow.length === 0 ? "may do nothing but ping" : `may ${allow.join(", ")}`;
  const where = prefix === null ? "" : `, below ${view.printable(prefix)}/`;
  const until = status.expiresAt === null ? "" : `, until ${showTime(status.expiresAt)}`;
  const quota = status.quotaBytes === null ? "" : `, ${showQuota(status.quotaBytes, view)}`;
  return [
    `Token "${name}" ${may}${where}${until}${quota}${
      ended === 0 ? "" : `; ${endedSessions(ended)}`
    }`,
    token,
    view.styled("dim", "It is shown this once, and nobody can find it out later: keep it now"),
  ].join("\n");
}

/** How much may be stored by a token, for people. */
export function showQuota(quotaBytes: number | null, view: View): string {
  return quotaBytes === null ? "any number of bytes" : `up to ${view.bytes(quotaBytes)} in files`;
}

/** How many sessions were ended, for people. */
export function endedSessions(count: number): string {
  return `${counted(count, "session")} ${count === 1 ? "was" : "were"} ended`;
}

function showExpiry({ expiresAt, expired }: TokenStatus, view: View): string {
  if (expiresAt === null) return "never";
  return expired ? view.styled("red", `${showTime(expiresAt)} (over)`) : showTime(expiresAt);
}

function showTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function statusFields(v: Valibot) {
  return {
    name: v.string(),
    allow: v.array(v.string()),
    prefix: v.nullable(v.string()),
    createdAt: v.number(),
    expiresAt: v.nullable(v.number()),
    expired: v.boolean(),
    quotaBytes: v.nullable(v.number()),
  };
}
