import assert from "node:assert/strict";
import { onBeat } from "../../manager/beat.ts";

Deno.test("onBeat() calls all in one beat, each until it is disposed", async () => {
  const beats: string[] = [];
  const later = Promise.withResolvers<void>();
  const first = onBeat(() => beats.push("first"));
  using _second = onBeat(() => {
    beats.push("second");
    if (beats.length === 2) first[Symbol.dispose]();
    else later.resolve();
  });
  await later.promise;
  assert.deepEqual(beats, ["first", "second", "second"]);
});

Deno.test("onBeat() takes one function twice", async () => {
  let calls = 0;
  const listener = () => calls++;
  using _one = onBeat(listener);
  using _two = onBeat(listener);
  await new Promise<void>((resolve) => {
    const third = onBeat(() => {
      third[Symbol.dispose]();
      resolve();
    });
  });
  assert.equal(calls, 2);
});
