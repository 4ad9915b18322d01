/** How a moment is written, for people. */
export const MOMENT_FORM = "a time from now like 90m, 12h or 30d, or a date like 2030-12-31 or " +
  "2030-12-31T18:00:00Z (UTC where it does not say)";

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const DATE = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(Z|[+-]\d\d:\d\d)?)?$/;

/** The last moment that there is, in milliseconds since 1970-01-01 UTC: ECMA-262, "Time Values". */
const LAST = 8.64e15;

/**
 * A moment as people write it, in milliseconds since 1970-01-01 UTC; `undefined` if it is none.
 *
 * @param nowMs From when a time is counted.
 */
export function parseMoment(text: string, nowMs: number): number | undefined {
  const [, number, unit = ""] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (number !== undefined) {
    const moment = nowMs + Number(number) * (UNIT_MS[unit] ?? NaN);
    return moment <= LAST ? moment : undefined;
  }
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const zoned = text.includes("T") && match[1] === undefined ? `${text}Z` : text;
  const moment = Date.parse(zoned);
  // The 31st of a month that has none would be a day of the next one.
  const isDay = new Date(`${text.slice(0, 10)}T00:00:00Z`).toJSON()?.startsWith(text.slice(0, 10));
  return Number.isNaN(moment) || isDay !== true ? undefined : moment;
}
