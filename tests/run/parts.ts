import { existsSync, readdirSync, statSync } from "node:fs";
import { resolve, sep } from "node:path";

/** Some of the tests, for a process of their own. */
export interface Part {
  title: string;
  /** The files that they are in, by their paths from the root. */
  files: string[];
  /** Of `deno test`. */
  flags: string[];
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
  const tests = allTests(root).filter(({ title }) => /^tests\/(?:e2e|examples)\//.test(title));
  return partsAmong(tests.filter(({ title }) => !OF_THE_NETWORK.includes(title)), args, root);
}

function partsAmong(tests: readonly Tests[], args: readonly string[], root: string): Part[] {
  const named = args.filter((arg) => isTest(resolve(root, arg), root));
  const flags = args.filter((arg) => !named.includes(arg));
  if (named.length === 0) return tests.map((some) => ({ ...some, flags }));
  const files = new Set(named.flatMap((path) => filesAt(path, root)));
  return [{ title: named.join(" "), files: [...files], flags }];
}

function isTest(path: string, root: string): boolean {
  return path.startsWith(resolve(root, "tests") + sep) && existsSync(path);
}

type Tests = Pick<Part, "title" | "files">;

/** Each folder of `tests/`, and each file of `tests/e2e/`: what is large, and may take long, first. */
function allTests(root: string): Tests[] {
  const folders = readdirSync(resolve(root, "tests")).filter((name) => name !== "e2e")
    .map((name) => ({ title: `tests/${name}/`, files: filesAt(`tests/${name}`, root) }));
  const alone = filesAt("tests/e2e", root).map((file) => ({ title: file, files: [file] }));
  const tests = [...folders, ...alone].filter(({ files }) => files.length > 0);
  const sizes = new Map(tests.map((some) => [some, bytesOf(some.files, root)]));
  return tests.sort((a, b) => sizes.get(b)! - sizes.get(a)!);
}

/** The files of tests in a folder; a file that is named is taken for one. */
function filesAt(path: string, root: string): string[] {
  if (!statSync(resolve(root, path)).isDirectory()) return [path];
  const folder = path.replace(/[/\\]?$/, "/");
  return readdirSync(resolve(root, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || entry.name.endsWith("_test.ts"))
    .map(({ name }) => name).sort()
    .flatMap((name) => filesAt(folder + name, root));
}

function bytesOf(files: readonly string[], root: string): number {
  return files.reduce((sum, file) => sum + statSync(resolve(root, file)).size, 0);
}
