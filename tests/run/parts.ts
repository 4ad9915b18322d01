import { existsSync, readdirSync } from "node:fs";
import { resolve, sep } from "node:path";

/** Some of the tests, for a process of their own. */
export interface Part {
  title: string;
  /** Arguments of `deno test`. */
  args: string[];
}

const E2E = "tests/e2e/";

/**
 * All tests, in parts that take about as long: those that run msquicd as its users do, which wait
 * more than they compute, every other file of them in the second part; and all others.
 */
function allTests(root: string): Part[] {
  const files = Array.from(readdirSync(resolve(root, E2E)))
    .filter((name) => name.endsWith("_test.ts"))
    .sort();
  const half = (which: number) =>
    files.filter((_, index) => index % 2 === which).map((name) => E2E + name);
  return [
    { title: `${E2E}, one half`, args: half(0) },
    { title: `${E2E}, the other half`, args: half(1) },
    { title: "tests/, all others", args: [`--ignore=${E2E}`, "tests/"] },
  ];
}

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
  return allTests(root).map(({ title, args: part }) => ({ title, args: [...args, ...part] }));
}

function isTest(path: string, root: string): boolean {
  return path.startsWith(resolve(root, "tests") + sep) && existsSync(path);
}
