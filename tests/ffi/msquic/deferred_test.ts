import assert from "node:assert/strict";
import { Deferred } from "../../../ffi/msquic/deferred.ts";

Deno.test("Deferred tells those who ask before and after the same", async () => {
  const resolved = new Deferred();
  const before = resolved.promise;
  resolved.resolve();
  await Promise.all([before, resolved.promise]);

  const rejected = new Deferred();
  const early = rejected.promise;
  rejected.reject(new Error("gone"));
  await assert.rejects(early, /gone/);
  await assert.rejects(rejected.promise, /gone/);
});

Deno.test("Deferred that nobody asks for rejects in silence", async () => {
  const rejected = new Deferred();
  rejected.reject(new Error("gone"));
  await assert.rejects(rejected.promise, /gone/);
});

Deno.test("Deferred keeps to its first outcome", async () => {
  const resolved = new Deferred();
  resolved.resolve();
  resolved.reject(new Error("gone"));
  await resolved.promise;
});
