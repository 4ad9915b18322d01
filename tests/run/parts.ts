import { existsSync, readdirSync, statSync } from "node:fs";
import { resolve, sep } from "node:path";

/** Some of the tests, for a process of their own. */
export interface Part {
  title: string;
  /** Arguments of `deno test`. */
  args: string[];
}

/**
 * Tests of processes that look at what clients and workers do on the network: in an executable that is the
 * same code, and the tests of the source have shown it.
 */
const OF_THE_NETWORK: readonly string[] = [
  "failover_test.ts",
  "failover_trips_test.ts",
  "interop_test.ts",
  "many_downloads_test.ts",
  "new_certificate_test.ts",
  "resumption_test.ts",
  "stopped_worker_test.ts",
].map((name) => `tests/e2e/${name}`);

/**
 * What to run: the files and folders that are named, or all tests.
 *
 * @param args What `deno task test` was given: flags of `deno test`, and what there is in `tests/`.
 * @param root The directory that has `tests/`, from which names lead.
 */
export function partsOf(args: readonly string[], root: string): Part[] {
  return partsAmong(allTests(root), args, root);
}

/** As {@linkcode partsOf}, of those that try an executable. */
export function compiledPartsOf(args: readonly string[], root: string): Part[] {
  const paths = allTests(root).filter((path) => /^tests\/(?:e2e|examples)\//.test(path));
  return partsAmong(paths.filter((path) => !OF_THE_NETWORK.includes(path)), args, root);
}

function partsAmong(paths: readonly string[], args: readonly string[], root: string): Part[] {
  const isNamed = (arg: string) => isTest(resolve(root, arg), root);
  const named = args.filter(isNamed);
  if (named.length > 0) return [{ title: named.join(" "), args: [...args] }];
  return paths.map((path) => ({ title: path, args: [...args, path] }));
}

function isTest(path: string, root: string): boolean {
  return path.startsWith(resolve(root, "tests") + sep) && existsSync(path);
}

/** Each folder of `tests/`, and each file of `tests/e2e/`: what is large, and may take long, first. */
function allTests(root: string): string[] {
  const parts = namesIn(resolve(root, "tests")).filter((name) => name !== "e2e")
    .map((name) => `tests/${name}/`)
    .concat(namesIn(resolve(root, "tests/e2e")).map((name) => `tests/e2e/${name}`));
  const sizes = new Map(parts.map((part) => [part, testBytes(resolve(root, part))]));
  return parts.filter((part) => sizes.get(part)! > 0)
    .sort((a, b) => sizes.get(b)! - sizes.get(a)!);
}

/** How long the files of tests at a path are together. */
function testBytes(path: string): number {
  if (path.endsWith("_test.ts")) return statSync(path).size;
  if (!statSync(path).isDirectory()) return 0;
  return namesIn(path).reduce((sum, name) => sum + testBytes(resolve(path, name)), 0);
}

function namesIn(path: string): string[] {
  return readdirSync(path).sort();
}
