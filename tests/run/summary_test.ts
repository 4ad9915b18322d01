import assert from "node:assert/strict";
import { addUp, findSummary, formatSummary } from "./summary.ts";

function total(...outputs: string[]): string {
  return formatSummary(addUp(outputs.map(findSummary)), 83_400);
}

Deno.test("formatSummary() repeats what findSummary() found", () => {
  for (
    const line of [
      "ok | 957 passed (61 steps) | 0 failed | 12 ignored (1m23s)",
      "ok | 0 passed | 0 failed | 957 filtered out (1m23s)",
      "FAILED | 1 passed (1 step) | 2 failed (3 steps) (1m23s)",
    ]
  ) {
    assert.equal(total(line), line);
    assert.equal(total(`a ... ok (5ms)\n\n${line}\n\n`), line);
  }
});

Deno.test("findSummary() takes the last one, whatever its colours", () => {
  const earlier = "ok | 1 passed | 0 failed (5ms)";
  const last = "\x1b[0m\x1b[32mok\x1b[0m | 2 passed | 0 failed \x1b[0m\x1b[38;5;245m(1s)\x1b[0m";
  assert.equal(total(`${earlier}\n${last}\n`), "ok | 2 passed | 0 failed (1m23s)");
  assert.equal(findSummary("ok | what is this\nerror: Test failed\n"), undefined);
});

Deno.test("addUp() adds, and is not content with less than all", () => {
  const one = "ok | 3 passed (1 step) | 0 failed | 1 ignored (2s)";
  assert.equal(total(one, one), "ok | 6 passed (2 steps) | 0 failed | 2 ignored (1m23s)");
  const bad = "FAILED | 1 passed | 1 failed (200ms)";
  assert.equal(total(one, bad), "FAILED | 4 passed (1 step) | 1 failed | 1 ignored (1m23s)");
  assert.equal(total(one, "Killed"), "FAILED | 3 passed (1 step) | 0 failed | 1 ignored (1m23s)");
});
