import assert from "node:assert/strict";
import { SpareMemory } from "../../worker/spare_memory.ts";
import { within } from "../ffi/within.ts";

const PATIENCE_MS = 30_000;

Deno.test("SpareMemory is given back once there is quiet, once for many clients, and again", async () => {
  let releases = 0;
  let released = Promise.withResolvers<void>();
  await using memory = new SpareMemory({
    turns: () => 0,
    release: () => {
      releases++;
      released.resolve();
      return Promise.resolve();
    },
    quietMs: 5,
  });
  for (let i = 0; i < 100; i++) memory.note();
  assert.equal(releases, 0);
  await within(PATIENCE_MS, "memory to be given back", released.promise);
  assert.equal(releases, 1);
  released = Promise.withResolvers();
  memory.note();
  await within(PATIENCE_MS, "memory to be given back again", released.promise);
  assert.equal(releases, 2);
});

Deno.test("SpareMemory is not given back while there is work", async () => {
  let turns = 2 ** 32 - 1000;
  let looks = 0;
  let busy = true;
  const released = Promise.withResolvers<number>();
  await using memory = new SpareMemory({
    turns() {
      looks++;
      busy &&= looks < 20;
      if (busy) turns = (turns + 501) >>> 0;
      return turns;
    },
    release: () => Promise.resolve(released.resolve(looks)),
    quietMs: 1,
  });
  memory.note();
  assert.ok(await within(PATIENCE_MS, "memory to be given back", released.promise) >= 20);
});

Deno.test("SpareMemory is over when what it has begun is done, and begins nothing more", async () => {
  const begun = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  const memory = new SpareMemory({
    turns: () => 0,
    release() {
      begun.resolve();
      return done.promise;
    },
    quietMs: 1,
  });
  memory.note();
  await within(PATIENCE_MS, "memory to be given back", begun.promise);
  let over = false;
  const disposed = memory[Symbol.asyncDispose]().then(() => over = true);
  memory.note(); // the sanitizer would find a timer
  await Promise.resolve();
  assert.equal(over, false);
  done.resolve();
  await disposed;
});
