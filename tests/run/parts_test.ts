import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compiledPartsOf, partsOf } from "./parts.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

Deno.test("partsOf() has all tests run, those of processes file by file", () => {
  const flags = ["--filter", "docs", "--parallel"];
  const paths = partsOf(flags, ROOT).map(({ title, args }) => {
    assert.deepEqual(args, [...flags, title]);
    return title;
  });
  assert.equal(new Set(paths).size, paths.length);
  for (const path of paths) assert.ok(existsSync(`${ROOT}/${path}`), path);
  for (const path of ["tests/run/", "tests/ffi/", "tests/e2e/shell_test.ts"]) {
    assert.ok(paths.includes(path), path);
  }
  // In which there are none, which `deno test` takes for a mistake.
  for (const path of ["tests/e2e/", "tests/fixtures/", "tests/e2e/harness.ts"]) {
    assert.ok(!paths.includes(path), path);
  }
});

Deno.test("partsOf() has what is named run in one process", () => {
  for (const named of [["tests/docs"], ["tests/e2e/ports_test.ts", "--quiet", "tests/run/"]]) {
    assert.deepEqual(partsOf(named, ROOT).map(({ args }) => args), [named]);
  }
  assert.equal(partsOf(["tests/docs", "tests/run"], ROOT)[0]?.title, "tests/docs tests/run");
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
