import { isMap, type Mistake } from "./access_grant.ts";
import { isPrefix, PREFIX_FORM } from "./name_prefix.ts";

/** How much directories may hold, in bytes, by their names; `/` is all that there is. */
export type DirectoryQuotas = Readonly<Record<string, number>>;

/** The name that stands for all that a server has. */
export const WHOLE = "/";

/** The most that there may be: each file in them is counted for each of them. */
const MAX_QUOTAS = 100;

/** Looks for what is wrong with quotas that somebody else has written; `undefined` if nothing is. */
export function findQuotasMistake(value: unknown): Mistake | undefined {
  if (!isMap(value)) return { path: [], wanted: "an object with bytes by names of directories" };
  const entries = Object.entries(value);
  if (entries.length > MAX_QUOTAS) return { path: [], wanted: `at most ${MAX_QUOTAS} directories` };
  for (const [directory, bytes] of entries) {
    if (directory !== WHOLE && !isPrefix(directory)) {
      return { path: [directory], wanted: `${PREFIX_FORM}, or ${WHOLE} for all`, unknownKey: true };
    }
    if (!isQuota(bytes)) return { path: [directory], wanted: "a whole number of bytes from 0" };
  }
  return undefined;
}

/** Whether it is a number of bytes that something may be bounded by. */
export function isQuota(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
