import assert from "node:assert/strict";
import fc from "fast-check";
import { Siblings } from "../../worker/siblings.ts";

function siblings(...sessions: number[]): Siblings {
  const known = new Siblings();
  known.update(sessions.map((count, at) => ({ port: 1 + at, sessions: count, transfers: 0 })));
  return known;
}

Deno.test("Siblings tells nothing before it knows, and then also that there are none", () => {
  assert.deepEqual(new Siblings().directions(1000), {});
  assert.deepEqual(siblings().directions(1000), { siblings: [] });
});

Deno.test("Siblings names them in the manager's order, and prefers the one with the fewest sessions", () => {
  const known = new Siblings();
  known.update([
    { port: 1, sessions: 3, transfers: 0 },
    { port: 2, sessions: 1, transfers: 1 },
    { port: 3, sessions: 1, transfers: 2 },
  ]);
  assert.deepEqual(known.ports, [1, 2, 3]);
  assert.deepEqual(known.directions(3), { siblings: [1, 2, 3] });
  const preferred = Array.from({ length: 3 }, () => known.directions(9).prefer);
  assert.deepEqual(preferred, [2, 3, 2]);
});

Deno.test("Siblings sends no client elsewhere from a worker that has little to do, or not much more", () => {
  assert.equal(siblings(0).directions(3).prefer, undefined);
  assert.equal(siblings(0).directions(4).prefer, 1);
  assert.equal(siblings(4).directions(10).prefer, undefined);
  assert.equal(siblings(4).directions(11).prefer, 1);
});

Deno.test("Siblings spreads clients that come at once, and sends none back", () => {
  const loads = fc.array(fc.nat(50), { minLength: 1, maxLength: 5 });
  fc.assert(fc.property(loads, fc.nat(300), (loads, here) => {
    const known = siblings(...loads);
    const after = [...loads];
    for (let moved = 0; moved < 300; moved++) {
      const { prefer } = known.directions(here);
      if (prefer === undefined) break;
      const there = ++after[prefer - 1]!;
      assert.ok(2 * there < here);
      assert.equal(siblings(here).directions(there).prefer, undefined);
      assert.equal(there - 1, Math.min(...after.with(prefer - 1, there - 1)));
    }
  }));
});
