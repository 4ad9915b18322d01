import { commandLine } from "../../base/mod.ts";

/** Says how a command has to be typed where a message is read, for advice in it. */
export type TypeCommand = (command: string) => string;

/**
 * How commands are typed by whom these words are from: in the shell without the program's name, and
 * with the instance, or the server, that the words name.
 */
export function typedLike(
  words: readonly string[],
  { instance, insideShell }: { instance: string; insideShell: boolean },
): TypeCommand {
  if (valueOf("--server", words) !== undefined) {
    return (command) => `${command}, with the same --server,`;
  }
  const named = valueOf("--instance", words);
  if (!insideShell) return (command) => commandLine(command, named ?? instance);
  return (command) => named === undefined ? command : `${command} --instance ${named}`;
}

/** The value of a flag, if it is given. */
function valueOf(flag: string, words: readonly string[]): string | undefined {
  const end = words.indexOf("--");
  const before = end < 0 ? words : words.slice(0, end);
  const at = before.findLastIndex((word) => word === flag || word.startsWith(`${flag}=`));
  const word = before[at];
  return word === flag ? before[at + 1] : word?.slice(flag.length + 1);
}
