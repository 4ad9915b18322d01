import { PROGRAM } from "../../base/mod.ts";
import { typedName } from "../../cli/flags.ts";
import { commandAt } from "../../cli/definition/command_at.ts";

/** Words of others: of Deno, of the system, of the parser, of MsQuic. */
const FOREIGN = [
  /\bos error\b/,
  /\bDeno\./,
  /\b(?:readdir|lstat|op_\w+)\b/,
  /\bQUIC_STATUS_/,
  /\bE[A-Z]{3,}\b/,
  /\b(?:alias|registered for|positional|Expected input|encountered)\b/,
  /\bundefined\b|\[object /,
];

/**
 * What is wrong with a message that a user sees.
 *
 * @param message As it is shown, or as it is written in the code, with `${…}` for what is put in.
 */
export function findFaults(message: string): string[] {
  const faults: string[] = [];
  // A message may begin with what it is about, in quotes, or with a flag.
  if (
    !/^(?:[A-Z0-9"-]|\$\{…\})/.test(message) && !/^[a-z]+(?: [a-z]+)? (?:takes|needs)/.test(message)
  ) {
    faults.push("does not begin with a capital");
  }
  if (/(?<!\.)\.$/.test(message)) faults.push("ends with a full stop");
  if (message.includes("`")) faults.push("has a backtick");
  for (const foreign of FOREIGN) {
    const found = foreign.exec(message)?.[0];
    if (found !== undefined) faults.push(`has a word of others: ${found}`);
  }
  if (message.trim().split(/\s+/).length < 2 && message !== "Interrupted") {
    faults.push("is a word, not a sentence");
  }
  return faults;
}

/** Commands that a message tells to run: those behind the program's name. */
export function commandsIn(message: string): string[] {
  const program = new RegExp(`(?:\\b${PROGRAM}|(?<![\\w/.-])msquicd) ((?:--?)?[a-z][^;,)]*)`, "g");
  return Array.from(message.matchAll(program), ([, command = ""]) => command.trim());
}

/** Whether a command can be typed: it exists, and has the flags. */
export function isCommand(command: string): boolean {
  const words = command.split(/\s+/).filter((word) => word !== "");
  if (words[0] === "--help") return true;
  const { name, flags } = commandAt(words);
  if (name === "") return false;
  return words.filter((word) => word.startsWith("--")).every((word) => {
    const flag = word.replace(/=.*$/, "").slice(2);
    return flag === "help" || Object.keys(flags).some((known) => typedName(known) === flag);
  });
}
