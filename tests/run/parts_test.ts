import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compiledPartsOf, partsOf } from "./parts.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

Deno.test("partsOf() has all tests run, those of processes file by file", () => {
  const flags = ["--filter", "docs", "--parallel"];
  const parts = partsOf(flags, ROOT);
  const titles = parts.map(({ title }) => title);
  assert.equal(new Set(titles).size, titles.length);
  const all = parts.flatMap(({ files }) => files);
  assert.equal(new Set(all).size, all.length);
  for (const file of all) assert.ok(existsSync(`${ROOT}/${file}`), file);
  for (const part of parts) {
    assert.deepEqual(part.flags, flags);
    for (const file of part.files) assert.ok(file.startsWith(part.title), file);
    if (part.title.startsWith("tests/e2e/")) assert.deepEqual(part.files, [part.title]);
  }
  for (const path of ["tests/run/", "tests/ffi/", "tests/e2e/shell_test.ts"]) {
    assert.ok(titles.includes(path), path);
  }
  const ffi = parts.find(({ title }) => title === "tests/ffi/");
  assert.ok(ffi?.files.includes("tests/ffi/libraries/errno_test.ts"), ffi?.files.join());
  // In which there are none.
  for (const path of ["tests/e2e/", "tests/fixtures/", "tests/e2e/harness.ts"]) {
    assert.ok(!titles.includes(path), path);
  }
});

Deno.test("partsOf() has what is named run in one process", () => {
  const [run] = partsOf(["tests/run"], ROOT);
  assert.deepEqual(run?.files, ["tests/run/parts_test.ts", "tests/run/summary_test.ts"]);
  assert.equal(run?.title, "tests/run");
  const named = ["tests/e2e/ports_test.ts", "--quiet", "tests/run/", "tests/run/parts_test.ts"];
  const [part, ...others] = partsOf(named, ROOT);
  assert.deepEqual(others, []);
  assert.deepEqual(part?.flags, ["--quiet"]);
  assert.deepEqual(part?.files, ["tests/e2e/ports_test.ts", ...run?.files ?? []]);
  // Named, it is one, as those of `tests/long` are.
  assert.deepEqual(partsOf(["tests/long/kills.ts"], ROOT)[0]?.files, ["tests/long/kills.ts"]);
});

Deno.test("compiledPartsOf() has those of processes run that an executable could fail", () => {
  const paths = compiledPartsOf([], ROOT).map(({ title }) => title);
  for (const path of ["tests/e2e/executable_test.ts", "tests/e2e/cleanup_test.ts"]) {
    assert.ok(paths.includes(path), path);
  }
  assert.ok(paths.includes("tests/examples/"));
  assert.ok(paths.every((path) => /^tests\/(?:e2e|examples)\//.test(path)), paths.join());
  const all = partsOf([], ROOT).map(({ title }) => title).filter((title) => /e2e/.test(title));
  const left = all.filter((path) => !paths.includes(path));
  assert.equal(left.length, 7, left.join());
  const named = compiledPartsOf(["tests/e2e/interop_test.ts"], ROOT);
  assert.deepEqual(named.map(({ title }) => title), ["tests/e2e/interop_test.ts"]);
});
