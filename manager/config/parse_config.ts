import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import * as v from "valibot";
import { InvalidConfigError } from "./config_errors.ts";
import { type ConfigFile, configSchema } from "./config_schema.ts";
import { findContradiction } from "./contradictions.ts";

/**
 * Reads the text of a configuration file: JSON with comments and trailing commas.
 *
 * @param path For messages.
 * @throws {InvalidConfigError} If it is malformed, or says what is not possible.
 */
export function parseConfig(text: string, path: string): ConfigFile {
  const refuse = (offset: number, reason: string): never => {
    throw new InvalidConfigError(path, text.slice(0, offset).split("\n").length, reason);
  };
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const [malformed] = errors;
  if (malformed) return refuse(malformed.offset, `not JSON: ${wordsOf(malformed)}`);
  if (!tree) return refuse(0, "it is empty; write at least {}");
  const twice = findDuplicate(tree);
  if (twice) return refuse(twice.offset, `the key ${quoted(twice.value)} is there twice`);
  const { issues, output } = v.safeParse(configSchema, plain(getNodeValue(tree)));
  if (issues) {
    const { keys, reason } = describeIssue(issues[0]);
    return refuse(findNodeAtLocation(tree, keys)?.offset ?? tree.offset, reason);
  }
  const contradiction = findContradiction(output);
  if (contradiction === undefined) return output;
  const node = findNodeAtLocation(tree, [contradiction.key]);
  return refuse(node?.offset ?? 0, contradiction.reason);
}

type Issue = v.InferIssue<typeof configSchema>;

function describeIssue(issue: Issue): { keys: (string | number)[]; reason: string } {
  const keys = (issue.path ?? []).map(({ key }) => typeof key === "number" ? key : String(key));
  const key = keys.at(-1);
  if (key === undefined) return { keys, reason: `it must be ${issue.message}` };
  const isKey = issue.expected === "never" || issue.path?.at(-1)?.origin === "key";
  if (isKey) return { keys, reason: `unknown key ${quoted(key)}; it must be ${issue.message}` };
  return { keys, reason: `${quoted(keys.join("."))} must be ${issue.message}` };
}

/** The second of two equal keys of one object. */
function findDuplicate({ type, children = [] }: Node): Node | undefined {
  const seen = new Set<unknown>();
  for (const child of children) {
    const key = type === "object" ? child.children?.[0] : undefined;
    if (key && seen.has(key.value)) return key;
    seen.add(key?.value);
    const deeper = findDuplicate(child);
    if (deeper) return deeper;
  }
  return undefined;
}

/** jsonc-parser makes objects without a prototype. */
function plain(value: unknown): unknown {
  return structuredClone(value);
}

/** What is wrong, in words: the parser has names like `CommaExpected`. */
function wordsOf({ error }: ParseError): string {
  return printParseErrorCode(error).replaceAll(/(?<!^)([A-Z])/g, " $1").toLowerCase();
}

function quoted(value: unknown): string {
  return JSON.stringify(value);
}
