import { parseArgsStringToArgv } from "string-argv";
import { UsageError } from "../errors.ts";

/**
 * Splits a line of the shell into words: blanks separate, quotes of either kind group, and a
 * backslash is an ordinary character, so that Windows paths survive.
 *
 * @throws {UsageError} A quote is not closed.
 */
export function splitLine(line: string): string[] {
  const open = openQuote(line);
  if (open !== undefined) {
    throw new UsageError(`The quote ${open.quote} in column ${open.column} is not closed`);
  }
  return parseArgsStringToArgv(line);
}

/** The quote that is still open at the end of the line, with its column counted from 1. */
export function openQuote(line: string): { quote: string; column: number } | undefined {
  let open: { quote: string; column: number } | undefined;
  for (let index = 0; index < line.length; index++) {
    const char = line.charAt(index);
    if (open !== undefined) {
      if (char === open.quote) open = undefined;
    } else if (char === '"' || char === "'") {
      open = { quote: char, column: index + 1 };
    }
  }
  return open;
}
