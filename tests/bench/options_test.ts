import assert from "node:assert/strict";
import { OptionError, parseOptions, usage } from "../../bench/options.ts";
import { PATHS } from "../../bench/network/paths.ts";
import { chooseRows, ROWS } from "../../bench/rows.ts";

const NAMES = ["upload", "ipc", "idle"];
const MEBIBYTE = 1024 * 1024;

Deno.test("parseOptions() has defaults for everything", () => {
  assert.deepEqual(parseOptions([], NAMES), {
    rounds: 3,
    only: [],
    network: { paths: [], full: false, seconds: 10, rounds: 1 },
    sizes: { memory: 256 * MEBIBYTE, file: 1024 * MEBIBYTE, upload: 2048 * MEBIBYTE },
  });
});

Deno.test("parseOptions() takes rounds, rows and sizes", () => {
  const args = ["--rounds", "5", "--only", "ipc, upload", "--size=1000", "--upload", "7"];
  assert.deepEqual(parseOptions(args, NAMES), {
    rounds: 5,
    only: ["ipc", "upload"],
    network: { paths: [], full: false, seconds: 10, rounds: 5 },
    sizes: { memory: 1000, file: 1000, upload: 7 },
  });
});

Deno.test("parseOptions() takes what of the paths is wanted", () => {
  const args = ["--paths", "50ms-,100ms-1-200", "--full", "--seconds", "4"];
  assert.deepEqual(parseOptions(args, NAMES)?.network, {
    ...{ paths: ["50ms-", "100ms-1-200"], full: true, seconds: 4, rounds: 1 },
  });
});

Deno.test("parseOptions() has nothing to say when help is wanted", () => {
  assert.equal(parseOptions(["--help"], NAMES), undefined);
});

for (
  const args of [
    ["--rounds", "0"],
    ["--rounds", "1.5"],
    ["--rounds", "many"],
    ["--rounds"],
    ["--size", "1e9"],
    ["--size", "99999999999999999"],
    ["--only", "uploads"],
    ["--only", ""],
    ["--upload", "0"],
    ["--seconds", "0"],
    ["--faster"],
    ["upload"],
  ]
) {
  Deno.test(`parseOptions() refuses ${args.join(" ")}`, () => {
    assert.throws(() => parseOptions(args, NAMES), OptionError);
  });
}

Deno.test("chooseRows() takes those that are named, or all", () => {
  const network = { paths: [], full: false };
  const names = (only: string[]) => chooseRows({ only, network }).map(({ name }) => name);
  assert.deepEqual(names(["idle", "upload"]), ["upload", "idle"]);
  assert.deepEqual(names([]), ROWS.filter(({ apart }) => !apart).map(({ name }) => name));
});

Deno.test("chooseRows() takes the usual paths, those with a part of their name, or all", () => {
  const paths = (paths: string[], full = false) =>
    chooseRows({ only: ["network"], network: { paths, full } }).map(({ path }) => path);
  assert.equal(paths([]).length, 4);
  assert.deepEqual(paths(["100ms-1-200", "bursts"]), ["100ms-1-200", "50ms-bursts-500"]);
  assert.equal(paths(["x"], true).length, PATHS.length);
});

Deno.test("usage() names every row", () => {
  for (const { name } of ROWS) assert.ok(usage(ROWS).includes(name), name);
});
