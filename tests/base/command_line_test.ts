import assert from "node:assert/strict";
import { commandLine } from "../../base/mod.ts";

Deno.test("commandLine() is what works when it is typed here, at the instance that is meant", () => {
  assert.equal(commandLine("status"), "deno task msquicd status");
  assert.equal(commandLine("status", "default"), "deno task msquicd status");
  assert.equal(commandLine("restart 1", "blue"), "deno task msquicd restart 1 --instance blue");
});
