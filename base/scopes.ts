/**
 * What a client may do, as an operator grants it: the scopes of its token, or of its certificate.
 *
 * - `read`, `write`, `delete`: the stored files. `write` makes new ones; what is there is replaced or removed
 *   only with `delete`.
 * - `call:TYPE`: a message of one's own, by its number or its name; `call:*` for all of them.
 * - `action:NAME`: an action of the configuration; `action:*` for all of them.
 * - `system`: to look at the machine, the workers, and what other clients do.
 * - `admin`: all of it, and what is yet to come.
 */
export type Scope = PlainScope | `call:${string}` | `action:${string}`;

/** The scopes that need no name behind them. */
export const PLAIN_SCOPES = ["read", "write", "delete", "system", "admin"] as const;

type PlainScope = typeof PLAIN_SCOPES[number];

/** Most scopes that one token has. */
export const MAX_SCOPES = 100;

/** The lowest message type that is free for one's own. */
const FIRST_OWN_TYPE = 0x8000;

/** Longest name of a message, in characters. */
const MAX_MESSAGE_NAME = 128;

/** How a scope is written, for people. */
export const SCOPE_FORMS = "read, write, delete, call:TYPE, action:NAME, system or admin";

/** Whether a text is a scope. Whether the message or the action of that name exists is not asked. */
export function isScope(text: unknown): text is Scope {
  if (typeof text !== "string") return false;
  if ((PLAIN_SCOPES as readonly string[]).includes(text)) return true;
  const [kind, name = ""] = splitScope(text);
  if (kind === "action") return name === "*" || /^[a-z][a-z0-9-]{0,63}$/.test(name);
  return kind === "call" && (name === "*" || isMessage(name));
}

/**
 * The type that `call:` names by its number.
 *
 * @param name What stands behind the colon.
 * @returns `undefined` if it is a name, or `*`.
 */
export function numberedType(name: string): number | undefined {
  return /^(?:0x[0-9a-f]{1,4}|\d{1,5})$/i.test(name) ? Number(name) : undefined;
}

/** What stands before the first colon, and what behind it. */
export function splitScope(scope: string): [kind: string, name: string | undefined] {
  const colon = scope.indexOf(":");
  return colon < 0 ? [scope, undefined] : [scope.slice(0, colon), scope.slice(colon + 1)];
}

function isMessage(name: string): boolean {
  const type = numberedType(name);
  if (type !== undefined) return type >= FIRST_OWN_TYPE && type <= 0xffff;
  return name.length <= MAX_MESSAGE_NAME && /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(name);
}
