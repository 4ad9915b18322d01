import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { partsOf } from "./parts.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

Deno.test("partsOf() has all tests run in two processes, and what is named in one", () => {
  const all = [["tests/e2e/"], ["--ignore=tests/e2e/", "tests/"]];
  const argsOf = (...args: string[]) => partsOf(args, ROOT).map(({ args }) => args);
  assert.deepEqual(argsOf(), all);
  const flags = ["--filter", "docs", "--parallel"];
  assert.deepEqual(argsOf(...flags), all.map((part) => [...flags, ...part]));
  for (const named of [["tests/docs"], ["tests/e2e/ports_test.ts", "--quiet", "tests/run/"]]) {
    assert.deepEqual(argsOf(...named), [named]);
  }
  assert.equal(partsOf(["tests/docs", "tests/run"], ROOT)[0]?.title, "tests/docs tests/run");
});
