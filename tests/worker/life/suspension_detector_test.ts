import assert from "node:assert/strict";
import { SuspensionDetector } from "../../../worker/life/suspension_detector.ts";

Deno.test("SuspensionDetector notices that its process did not run, and forgets it", () => {
  let now = 5;
  const suspensions = new SuspensionDetector(() => now);
  function pass(ms: number): void {
    for (const end = now + ms; now < end; now += 250) suspensions.note();
  }
  pass(60_000);
  assert.equal(suspensions.recent, false);
  now += 3000;
  assert.equal(suspensions.recent, true, "before anybody has noted it");
  pass(4000);
  assert.equal(suspensions.recent, true);
  pass(1500);
  assert.equal(suspensions.recent, false);
  now += 3000;
  suspensions.note();
  assert.equal(suspensions.recent, true, "after it was noted");
});
