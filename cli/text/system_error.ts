import { systemReason } from "../../base/mod.ts";

/** How the runtime words what the system refuses: the reason, what was tried, and on which path. */
const WORDINGS = [
  /^(?<reason>.*) \(os error \d+\)(?:: \w+ '(?<path>.*?)'(?: -> '.*')?)?$/s,
  /^(?<reason>E[A-Z0-9]+: [^,]*)(?:, \w+(?: '(?<path>.*?)'(?: -> '.*')?)?)?$/s,
];

/**
 * A sentence for an error of the system that nobody has put into words where it came up.
 *
 * @returns `undefined` if it is no such error.
 */
export function describeSystemError(error: Error): string | undefined {
  const match = WORDINGS.map((wording) => wording.exec(error.message)).find((match) => match);
  if (!match?.groups) return undefined;
  const { reason = "", path } = match.groups;
  const known = systemReason(error);
  const why = known === error.message ? asClause(reason) : known;
  return path === undefined ? `The system refuses it: ${why}` : `Cannot use "${path}": ${why}`;
}

/** Without the capital and the full stop that it has in Windows' words. */
function asClause(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, "");
}
