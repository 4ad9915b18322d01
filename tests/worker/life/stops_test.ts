import assert from "node:assert/strict";
import { Stops } from "../../../worker/life/stops.ts";

Deno.test("Stops notices that its process did not run, and forgets it", () => {
  let now = 5;
  const stops = new Stops(() => now);
  function pass(ms: number): void {
    for (const end = now + ms; now < end; now += 250) stops.note();
  }
  pass(60_000);
  assert.equal(stops.recent, false);
  now += 3000;
  assert.equal(stops.recent, true, "before anybody has noted it");
  pass(4000);
  assert.equal(stops.recent, true);
  pass(1500);
  assert.equal(stops.recent, false);
  now += 3000;
  stops.note();
  assert.equal(stops.recent, true, "after it was noted");
});
