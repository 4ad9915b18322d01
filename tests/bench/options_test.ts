import assert from "node:assert/strict";
import { OptionError, parseOptions, usage } from "../../bench/options.ts";
import { chooseRows, ROWS } from "../../bench/rows.ts";

const NAMES = ["upload", "ipc", "idle"];
const MEBIBYTE = 1024 * 1024;

Deno.test("parseOptions() has defaults for everything", () => {
  assert.deepEqual(parseOptions([], NAMES), {
    rounds: 3,
    only: [],
    sizes: { memory: 256 * MEBIBYTE, file: 1024 * MEBIBYTE, upload: 2048 * MEBIBYTE },
  });
});

Deno.test("parseOptions() takes rounds, rows and sizes", () => {
  const args = ["--rounds", "5", "--only", "ipc, upload", "--size=1000", "--upload", "7"];
  assert.deepEqual(parseOptions(args, NAMES), {
    rounds: 5,
    only: ["ipc", "upload"],
    sizes: { memory: 1000, file: 1000, upload: 7 },
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
    ["--faster"],
    ["upload"],
  ]
) {
  Deno.test(`parseOptions() refuses ${args.join(" ")}`, () => {
    assert.throws(() => parseOptions(args, NAMES), OptionError);
  });
}

Deno.test("chooseRows() takes those that are named, or all", () => {
  const names = (only: string[]) => chooseRows(only).map(({ name }) => name);
  assert.deepEqual(names(["idle", "upload"]), ["upload", "idle"]);
  assert.deepEqual(names([]), ROWS.map(({ name }) => name));
});

Deno.test("usage() names every row", () => {
  for (const { name } of ROWS) assert.ok(usage(ROWS).includes(name), name);
});
