import assert from "node:assert/strict";
import { Spin } from "../../ipc/spin.ts";

/** A spin and its clock, which goes on by 0.01 ms with each look at it. */
class Spinning {
  ms = 0;
  readonly spin = new Spin(() => this.ms += 0.01);

  sleep(ms: number): void {
    const since = this.ms;
    this.ms += ms;
    this.spin.slept(since);
  }

  /** Whether `until` looks for something that never comes. */
  get looks(): boolean {
    let looked = false;
    const found = this.spin.until(() => {
      looked = true;
      return false;
    });
    assert.equal(found, false);
    return looked;
  }
}

Deno.test("Spin does not look before a short sleep, nor after a long one", () => {
  const spinning = new Spinning();
  assert.equal(spinning.looks, false);
  spinning.sleep(0.05);
  assert.equal(spinning.spin.until(() => true), true);
  spinning.sleep(5);
  assert.equal(spinning.looks, false);
});

Deno.test("Spin does not look when something came last a while ago, until a short sleep", () => {
  const spinning = new Spinning();
  spinning.sleep(0.05);
  spinning.ms += 2;
  assert.equal(spinning.looks, false);
  assert.equal(spinning.looks, false);
  spinning.sleep(0.05);
  assert.equal(spinning.looks, true);
});

Deno.test("Spin looks less and less often while it finds nothing, and anew after a find", () => {
  const spinning = new Spinning();
  const attempts: boolean[] = [];
  for (let i = 0; i < 8; i++) {
    spinning.sleep(0.05);
    attempts.push(spinning.looks);
  }
  assert.deepEqual(attempts, [true, false, true, false, false, true, false, false]);

  do spinning.sleep(0.05); while (!spinning.spin.until(() => true));
  for (const looks of [true, false, true]) {
    spinning.sleep(0.05);
    assert.equal(spinning.looks, looks);
  }
});
