import assert from "node:assert/strict";
import { Spin } from "../../ipc/spin.ts";

/** How often `until` looks for something that never comes. */
function looks(spin: Spin): number {
  let count = 0;
  const ready = () => {
    count++;
    return false;
  };
  assert.equal(spin.until(ready), false);
  return count;
}

Deno.test("Spin does not look before a short sleep, nor after a long one", () => {
  const spin = new Spin();
  assert.equal(looks(spin), 0);
  spin.slept(0.05);
  assert.equal(spin.until(() => true), true);
  spin.slept(5);
  assert.equal(looks(spin), 0);
});

Deno.test("Spin looks less and less often while it finds nothing, and anew after a find", () => {
  const spin = new Spin();
  spin.slept(0.05);
  const attempts: boolean[] = [];
  for (let i = 0; i < 8; i++) attempts.push(looks(spin) > 0);
  assert.deepEqual(attempts, [true, false, true, false, false, true, false, false]);
  while (!spin.until(() => true));
  assert.ok(looks(spin) > 0);
  assert.equal(looks(spin), 0);
  assert.ok(looks(spin) > 0);
});
