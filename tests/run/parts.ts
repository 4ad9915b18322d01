import { existsSync } from "node:fs";
import { resolve, sep } from "node:path";

/** Some of the tests, for a process of their own. */
export interface Part {
  title: string;
  /** Arguments of `deno test`. */
  args: string[];
}

/** All tests in halves, by the time that they take: those that run msquicd as its users do, and others. */
const HALVES: readonly Part[] = [
  { title: "tests/e2e/", args: ["tests/e2e/"] },
  { title: "tests/, all others", args: ["--ignore=tests/e2e/", "tests/"] },
];

/**
 * What to run: the files and folders that are named, or all tests.
 *
 * @param args What `deno task test` was given: flags of `deno test`, and what there is in `tests/`.
 * @param root The directory that has `tests/`, from which names lead.
 */
export function partsOf(args: readonly string[], root: string): Part[] {
  const isNamed = (arg: string) => isTest(resolve(root, arg), root);
  const named = args.filter(isNamed);
  if (named.length > 0) return [{ title: named.join(" "), args: [...args] }];
  return HALVES.map(({ title, args: part }) => ({ title, args: [...args, ...part] }));
}

function isTest(path: string, root: string): boolean {
  return path.startsWith(resolve(root, "tests") + sep) && existsSync(path);
}
