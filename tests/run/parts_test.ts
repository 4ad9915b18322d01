import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { partsOf } from "./parts.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

Deno.test("partsOf() has each test run once, and what is named in one process", () => {
  const argsOf = (...args: string[]) => partsOf(args, ROOT).map(({ args }) => args);
  const flags = ["--filter", "docs", "--parallel"];
  const [one = [], other = [], rest] = argsOf(...flags);
  assert.deepEqual(rest, [...flags, "--ignore=tests/e2e/", "tests/"]);
  const halves = [one, other].flatMap((half) => {
    assert.deepEqual(half.slice(0, 3), flags);
    return half.slice(3);
  });
  const files = Array.from(Deno.readDirSync(`${ROOT}/tests/e2e`), ({ name }) => `tests/e2e/${name}`)
    .filter((name) => name.endsWith("_test.ts"));
  assert.deepEqual(halves.sort(), files.sort());
  for (const named of [["tests/docs"], ["tests/e2e/ports_test.ts", "--quiet", "tests/run/"]]) {
    assert.deepEqual(argsOf(...named), [named]);
  }
  assert.equal(partsOf(["tests/docs", "tests/run"], ROOT)[0]?.title, "tests/docs tests/run");
});
