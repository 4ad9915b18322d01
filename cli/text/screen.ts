import { counted } from "../../base/counted.ts";
/** Lines of a terminal whose size is not known. */
const USUAL_ROWS = 24;

/**
 * Text of several lines as it fits on a screen: where there are too many, the last ones are left out, and
 * their number is said instead.
 *
 * @param rows How many lines there are, one of which stays empty.
 */
export function fitScreen(text: string, rows: number = rowsNow()): string {
  const lines = text.split("\n");
  const room = Math.max(2, rows - 1);
  if (lines.length <= room) return text;
  const shown = lines.slice(0, room - 1);
  return [...shown, `… ${counted(lines.length - shown.length, "more line")}`].join("\n");
}

function rowsNow(): number {
  try {
    return Deno.consoleSize().rows || USUAL_ROWS;
  } catch {
    // None of the standard streams tells its size.
    return USUAL_ROWS;
  }
}
