import type { ActionMistake } from "./action_definition.ts";
import { isPrefix, PREFIX_FORM } from "./name_prefix.ts";
import { isScope, MAX_SCOPES, type Scope, SCOPE_FORMS } from "./scopes.ts";

/** What somebody may do, as a configuration says it. */
export interface AccessGrant {
  readonly allow: readonly Scope[];
  /** The directory below which names have to be; everywhere if it is left out. */
  readonly prefix?: string;
}

/** What is wrong with something, for whoever has written it. */
export type Mistake = ActionMistake;

/** Looks for what is wrong with a grant that somebody else has written; `undefined` if nothing is. */
export function findGrantMistake(
  value: unknown,
  path: Mistake["path"] = [],
  more: readonly string[] = [],
): Mistake | undefined {
  const keys = ["allow", "prefix", ...more];
  const wanted = `an object with the keys ${keys.join(", ")}`;
  if (!isMap(value)) return { path, wanted };
  const strange = Object.keys(value).find((key) => !keys.includes(key));
  if (strange !== undefined) {
    const wanted = `one of the keys ${keys.join(", ")}`;
    return { path: [...path, strange], wanted, unknownKey: true };
  }
  const { allow, prefix } = value;
  if (!Array.isArray(allow) || allow.length > MAX_SCOPES) {
    return { path: [...path, "allow"], wanted: `a list of at most ${MAX_SCOPES} scopes` };
  }
  const odd = allow.findIndex((scope) => !isScope(scope));
  if (odd >= 0) return { path: [...path, "allow", odd], wanted: SCOPE_FORMS };
  if (prefix === undefined || isPrefix(prefix)) return undefined;
  return { path: [...path, "prefix"], wanted: PREFIX_FORM };
}

/** Whether something is an object with keys. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
