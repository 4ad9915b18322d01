const UNITS = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 } as const;

/** What is wanted where a rate is to be given. */
export const BYTE_RATE_WANTED = "bytes in a second like 500k or 10M, or none";

/**
 * Reads how many bytes there may be in a second: `500k`, `10M`, `1.5g` (of 1024), or `none`.
 *
 * @returns 0 for any number; `undefined` if it is no rate.
 */
export function parseByteRate(text: string): number | undefined {
  if (text === "none") return 0;
  const [, number, unit = ""] = /^(\d{1,12}(?:\.\d{1,3})?)([kmg]?)$/i.exec(text) ?? [];
  const bytes = Math.round(Number(number) * UNITS[unit.toLowerCase() as keyof typeof UNITS]);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
