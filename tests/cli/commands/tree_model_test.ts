import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { withServer } from "../../fixtures/server.ts";
import { commandLineFor } from "../command_line.ts";

/** What is at a path: a directory, or a file with a content and a time in seconds since 1970. */
type Entry = "directory" | { readonly content: string; readonly time: number };
type Tree = ReadonlyMap<string, Entry>;

const NAMES = ["a", "b", "a.x", "b.x", "d1", "d2", "-y", "ü", "s p"];

/** Patterns, and what they match by themselves. */
const PATTERNS = {
  "*.x": (path: string) => path.endsWith(".x"),
  "d1": (path: string) => /(^|\/)d1$/.test(path),
  "/a": (path: string) => path === "a",
  "d2/*": (path: string) => /(^|\/)d2\/[^/]+$/.test(path),
};

const file = fc.record({
  content: fc.constantFrom("1", "2", "x1", "x2"),
  time: fc.constantFrom(1_000_000_000, 1_000_000_010),
}, { noNullPrototype: true });
const trees = fc.array(
  fc.tuple(
    fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 }),
    fc.oneof(fc.constant("directory" as const), file),
  ),
  { maxLength: 10 },
).map((entries) => {
  const tree = new Map<string, Entry>();
  for (const [segments, entry] of entries) {
    const path = segments.join("/");
    const above = segments.slice(1).map((_, index) => segments.slice(0, index + 1).join("/"));
    if (tree.has(path) || above.some((one) => (tree.get(one) ?? "directory") !== "directory")) {
      continue;
    }
    for (const one of above) tree.set(one, "directory");
    tree.set(path, entry);
  }
  return tree;
});

const cases = fc.record({
  from: trees,
  to: trees,
  up: fc.boolean(),
  command: fc.constantFrom("sync", "copy"),
  deletes: fc.boolean(),
  checksum: fc.boolean(),
  exclude: fc.option(fc.constantFrom(...Object.keys(PATTERNS) as (keyof typeof PATTERNS)[])),
});
type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

/** Of what is there already, nothing is a file. */
const ONLY_DIRECTORIES: Case = {
  from: new Map(),
  to: new Map([["b", "directory"], ["b/d1", "directory"]]),
  ...{ up: true, command: "sync", deletes: false, checksum: false, exclude: null },
};

Deno.test("sync, put and get -r make of two trees what their flags say, and --dry-run says the same", async () => {
  await withServer(async (bench) => {
    const run = commandLineFor(bench);
    const here = join(bench.directory, "here");
    const there = join(bench.directory, "storage/t");
    await fc.assert(
      fc.asyncProperty(cases, async (one) => {
        const [fromPath, toPath] = one.up ? [here, there] : [there, here];
        await write(fromPath, one.from);
        await write(toPath, one.to);
        const words = [...wordsOf(one, here), "--json"];

        const dry = await run(...words, "--dry-run");
        assert.deepEqual(await read(toPath), sorted(one.to), "--dry-run changes something");
        const real = await run(...words);
        assert.deepEqual(await read(fromPath), sorted(one.from), "the first directory is changed");
        const got = await read(toPath);

        if (one.deletes && real.exitCode === 6 && real.json.error?.code === "deletion-refused") {
          return assert.deepEqual(wantedFiles(one).length, 0);
        }
        const wanted = expected(one);
        assert.deepEqual(filesOf(got), filesOf(wanted), real.stdout);
        if (isBlocked(one)) return assert.notEqual(real.exitCode, 0);
        assert.equal(real.exitCode, 0, real.stdout + real.stderr);
        assert.deepEqual(emptyDirectories(got, one), emptyDirectories(wanted, one));
        assert.deepEqual(deeds(dry.json), deeds(real.json));
        assert.ok(deeds((await run(...words)).json).every((deed) => /: (same|there)$/.test(deed)));
      }),
      { numRuns: 40, examples: [[ONLY_DIRECTORIES]] },
    );
  });
});

function wordsOf({ up, command, deletes, checksum, exclude }: Case, here: string): string[] {
  const flags = [
    ...(deletes ? ["--delete"] : []),
    ...(checksum ? ["--checksum"] : []),
    ...(exclude === null ? [] : ["--exclude", exclude]),
  ];
  if (command === "sync") {
    return ["sync", ...(up ? [here, "t", "--up"] : ["t", here, "--down"]), ...flags];
  }
  const copy = up ? ["put", here, "--to", "t"] : ["get", "-r", "t", "-o", here];
  return [...copy, "--update", ...flags];
}

function isExcluded({ exclude }: Case, path: string): boolean {
  if (exclude === null) return false;
  const segments = path.split("/");
  return segments.some((_, index) => PATTERNS[exclude](segments.slice(0, index + 1).join("/")));
}

/** The paths of what is copied, if it is not in its place already. */
function wantedFiles(one: Case): string[] {
  return [...one.from].filter(([path, entry]) => entry !== "directory" && !isExcluded(one, path))
    .map(([path]) => path);
}

/** Whether a path leads through, or to, something of the other kind in the second tree. */
function isInTheWay(one: Case, path: string): boolean {
  const segments = path.split("/");
  return segments.some((_, index) => {
    return isOther(one, segments.slice(0, index + 1).join("/"));
  });
}

/** Whether one tree has a file and the other one a directory. */
function isOther({ from, to }: Case, path: string): boolean {
  return to.has(path) && (from.get(path) === "directory") !== (to.get(path) === "directory");
}

function isBlocked(one: Case): boolean {
  const empty = [...one.from.keys()].filter((path) =>
    isEmptyDirectory(one.from, path) && !isExcluded(one, path)
  );
  return [...wantedFiles(one), ...empty].some((path) => isInTheWay(one, path));
}

/** What the second tree is to be, where that is a matter of files. */
function expected(one: Case): Tree {
  const wanted = new Map(one.to);
  if (one.deletes && !isBlocked(one)) {
    for (const path of one.to.keys()) {
      // What is of the other kind there is not here, either: nothing of that needs its name.
      const isHere = one.from.has(path) && !isOther(one, path);
      const goes = !isExcluded(one, path) && !isHere;
      const keepsSome = [...one.to.keys()].some((below) =>
        below.startsWith(`${path}/`) && isExcluded(one, below)
      );
      if (goes && !keepsSome) wanted.delete(path);
    }
  }
  for (const path of wantedFiles(one)) {
    const [from, to] = [one.from.get(path)!, one.to.get(path)];
    if (isInTheWay(one, path) || isSame(one, from, to)) continue;
    wanted.set(path, from);
    for (let above = dirname(path); above !== "."; above = dirname(above)) {
      wanted.set(above, "directory");
    }
  }
  for (const [path, entry] of one.from) {
    if (entry === "directory" && isEmptyDirectory(one.from, path) && !isExcluded(one, path)) {
      if (!isInTheWay(one, path)) wanted.set(path, entry);
    }
  }
  return wanted;
}

function isSame({ checksum }: Case, from: Entry, to: Entry | undefined): boolean {
  if (to === undefined || to === "directory" || from === "directory") return false;
  if (to.content.length !== from.content.length) return false;
  return checksum ? to.content === from.content : to.time === from.time;
}

function isEmptyDirectory(tree: Tree, path: string): boolean {
  return tree.get(path) === "directory" &&
    ![...tree.keys()].some((other) => other.startsWith(`${path}/`));
}

function filesOf(tree: Tree): [string, Entry][] {
  return [...sorted(tree)].filter(([, entry]) => entry !== "directory");
}

/** Where nothing but what is excluded is in one, it may be there or not. */
function emptyDirectories(tree: Tree, one: Case): string[] {
  const mayGo = (path: string) =>
    [...one.from.keys()].some((below) => below.startsWith(`${path}/`) && isExcluded(one, below));
  return [...sorted(tree).keys()].filter((path) =>
    isEmptyDirectory(tree, path) && !isExcluded(one, path) && !mayGo(path)
  );
}

/** What is said to be done to which names. */
function deeds(
  results: readonly {
    name: string;
    path?: string;
    skipped?: boolean;
    removed?: boolean;
    directory?: boolean;
    made?: boolean;
  }[],
): string[] {
  return results.map(({ name, path, skipped, removed, directory, made }) => {
    const deed = skipped
      ? "same"
      : removed
      ? "removed"
      : !directory
      ? "copied"
      : made
      ? "made"
      : "there";
    return `${name ?? path}: ${deed}`;
  }).sort();
}

function sorted(tree: Tree): Tree {
  return new Map([...tree].sort(([one], [other]) => one < other ? -1 : 1));
}

async function write(root: string, tree: Tree): Promise<void> {
  await Deno.remove(root, { recursive: true }).catch(() => {});
  await Deno.mkdir(root, { recursive: true });
  for (const [path, entry] of tree) {
    const at = join(root, path);
    if (entry === "directory") {
      await Deno.mkdir(at, { recursive: true });
      continue;
    }
    await Deno.mkdir(dirname(at), { recursive: true });
    await Deno.writeTextFile(at, entry.content);
    await Deno.utime(at, entry.time, entry.time);
  }
}

async function read(root: string, base = ""): Promise<Tree> {
  const tree = new Map<string, Entry>();
  for await (const { name, isDirectory } of Deno.readDir(join(root, base))) {
    const path = base + name;
    if (isDirectory) {
      tree.set(path, "directory");
      for (const [below, entry] of await read(root, `${path}/`)) tree.set(below, entry);
      continue;
    }
    const at = join(root, path);
    const { mtime } = await Deno.stat(at);
    tree.set(path, { content: await Deno.readTextFile(at), time: mtime!.getTime() / 1000 });
  }
  return sorted(tree);
}
