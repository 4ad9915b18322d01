import { parseByteSize } from "./byte_size.ts";

/** What is wanted where a rate is to be given. */
export const BYTE_RATE_WANTED = "bytes in a second like 500k or 10M, or none";

/**
 * Reads how many bytes there may be in a second: `500k`, `10M`, `1.5g` (of 1024), or `none`.
 *
 * @returns 0 for any number; `undefined` if it is no rate.
 */
export function parseByteRate(text: string): number | undefined {
  return text === "none" ? 0 : parseByteSize(text);
}
