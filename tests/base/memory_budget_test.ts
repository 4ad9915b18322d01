import assert from "node:assert/strict";
import fc from "fast-check";
import { MemoryBudget } from "../../base/mod.ts";

Deno.test("MemoryBudget lends to each as much as is left for others, and something to whoever comes", () => {
  const budget = new MemoryBudget(1024);
  const take = () => {
    let held = 0;
    while (budget.lend(1, held)) held++;
    return held;
  };
  assert.deepEqual([take(), take(), take(), take()], [256, 128, 64, 32]);
  assert.ok(budget.isCrowded(256));
  assert.ok(!budget.isCrowded(32));
});

Deno.test("MemoryBudget denies no claim, and lends nothing while it is overdrawn", () => {
  const budget = new MemoryBudget(100);
  budget.claim(150);
  assert.equal(budget.used, 150);
  assert.ok(!budget.lend(1, 0));
  budget.release(100);
  assert.ok(!budget.lend(26, 0), "what is left is for others as well");
  assert.ok(budget.lend(25, 0));
  budget.release(50);
  budget.giveBack(25);
  assert.equal(budget.used, 0);
});

Deno.test("MemoryBudget never lends more than there is, and has all of it back at the end", () => {
  const user = fc.nat({ max: 19 });
  const step = fc.oneof(
    fc.record({ user, bytes: fc.integer({ min: 1, max: 400 }) }),
    fc.record({ user, all: fc.constant(true) }),
  );
  fc.assert(
    fc.property(fc.nat({ max: 1000 }), fc.array(step, { maxLength: 200 }), (bytes, steps) => {
      const budget = new MemoryBudget(bytes);
      const held = new Map<number, number>();
      const giveBack = (who: number) => {
        budget.giveBack(held.get(who) ?? 0);
        held.delete(who);
      };
      for (const one of steps) {
        const before = held.get(one.user) ?? 0;
        if (!("bytes" in one)) giveBack(one.user);
        else if (budget.lend(one.bytes, before)) {
          const now = before + one.bytes;
          held.set(one.user, now);
          assert.ok(now <= budget.bytes / 2 - budget.used, "as much is left for others");
        }
        const sum = held.values().reduce((sum, each) => sum + each, 0);
        assert.equal(budget.used, sum);
        assert.ok(sum <= bytes / 2);
      }
      for (const who of [...held.keys()]) giveBack(who);
      assert.equal(budget.used, 0);
    }),
  );
});
