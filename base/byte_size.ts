const UNITS = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 } as const;

/** How a number of bytes is written, for people. */
export const BYTE_SIZE_FORM = "a number of bytes like 500M, 10G or 1.5T (of 1024)";

/** A number of bytes as people write it; `undefined` if it is none. */
export function parseByteSize(text: string): number | undefined {
  const [, number, unit = ""] = /^(\d{1,15}(?:\.\d{1,3})?)([kmgt]?)$/i.exec(text) ?? [];
  const bytes = Math.round(Number(number) * UNITS[unit.toLowerCase() as keyof typeof UNITS]);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
