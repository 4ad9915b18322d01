import assert from "node:assert/strict";
import { whenAborted } from "../../../base/mod.ts";
import { Departure } from "../../../worker/life/departure.ts";
import { within } from "../../ffi/within.ts";

Deno.test("Departure begins with the first reason", async () => {
  using departure = new Departure();
  departure.request("stop", 60_000);
  departure.request("terminated", 60_000);
  assert.equal(await departure.begun, "stop");
  assert.equal(departure.failed, false);
  assert.equal(departure.now.aborted, false);
});

Deno.test("Departure has no time left when its deadline is over", async () => {
  using departure = new Departure();
  departure.request("stop", 10);
  await within(30_000, "the deadline", whenAborted(departure.now));
});

Deno.test("Departure is hurried up by a later request, never slowed down", () => {
  using departure = new Departure();
  departure.request("stop", Number.MAX_SAFE_INTEGER);
  assert.equal(departure.now.aborted, false);
  departure.request("manager-lost", 0);
  assert.equal(departure.now.aborted, true);

  using other = new Departure();
  other.request("stop", 0);
  other.request("stop", 60_000);
  assert.equal(other.now.aborted, true);
});

Deno.test("Departure remembers a fault, also a later one", async () => {
  using departure = new Departure();
  departure.request("stop", 60_000);
  departure.request("fault", 0);
  assert.equal(await departure.begun, "stop");
  assert.equal(departure.failed, true);
});
