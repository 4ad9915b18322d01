import assert from "node:assert/strict";
import { trapUncaughtErrors } from "../../log/mod.ts";

Deno.test("trapUncaughtErrors() is told of errors and rejections that nothing catches", async () => {
  const seen: unknown[] = [];
  const both = Promise.withResolvers<void>();
  using _trap = trapUncaughtErrors((error) => {
    if (seen.push(error) === 2) both.resolve();
  });
  const thrown = new Error("thrown");
  const rejected = new Error("rejected");
  reportError(thrown);
  Promise.reject(rejected);
  await both.promise;
  assert.deepEqual(seen, [thrown, rejected]);
});
