import assert from "node:assert/strict";
import { Milestone } from "../../../ffi/msquic/milestone.ts";

Deno.test("Milestone tells those who ask before and after the same", async () => {
  const reached = new Milestone();
  const before = reached.promise;
  reached.reach();
  await Promise.all([before, reached.promise]);

  const missed = new Milestone();
  const early = missed.promise;
  missed.miss(new Error("gone"));
  await assert.rejects(early, /gone/);
  await assert.rejects(missed.promise, /gone/);
});

Deno.test("Milestone that nobody asks for is missed in silence", async () => {
  const missed = new Milestone();
  missed.miss(new Error("gone"));
  await assert.rejects(missed.promise, /gone/);
});

Deno.test("Milestone keeps to its first outcome", async () => {
  const reached = new Milestone();
  reached.reach();
  reached.miss(new Error("gone"));
  await reached.promise;
});
