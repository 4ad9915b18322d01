import { UsageError } from "../errors.ts";

/** What stands for standard input, or standard output. */
export const DASH = "-";

/** Names that the system has for them, of what can be anything. */
const STANDARD_INPUT: ReadonlySet<string> = new Set([DASH, "/dev/stdin", "/dev/fd/0"]);
const STANDARD_OUTPUT: ReadonlySet<string> = new Set([DASH, "/dev/stdout", "/dev/fd/1"]);

/** Whether a path stands for standard input. */
export function isStandardInput(path: string): boolean {
  return STANDARD_INPUT.has(path);
}

/** Whether a path stands for standard output. */
export function isStandardOutput(path: string): boolean {
  return STANDARD_OUTPUT.has(path);
}

/**
 * Refuses standard input and output where they are those of a shell that the command was typed into.
 *
 * @throws {UsageError}
 */
export function refuseInShell(insideShell: boolean): void {
  if (!insideShell) return;
  throw new UsageError(`${DASH} is not for the shell, which reads and writes itself; use a file`);
}
