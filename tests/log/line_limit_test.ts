import assert from "node:assert/strict";
import { delay } from "../../base/mod.ts";
import { LineLimit } from "../../log/mod.ts";
import { within } from "../ffi/within.ts";

/** Asks for lines until they have been held back `times` times; tells how many were admitted. */
function flood(limit: LineLimit, times: number): number {
  let admitted = 0;
  for (let heldBack = 0; heldBack < times;) {
    if (limit.admit()) admitted++;
    else heldBack++;
  }
  return admitted;
}

// I9
Deno.test("LineLimit admits some lines of a flood, and reports how many were more", async () => {
  const reports: [string, number][] = [];
  let reported = Promise.withResolvers<void>();
  using limit = new LineLimit({
    lines: 3,
    periodMs: 200,
    report: (...report) => {
      reports.push(report);
      reported.resolve();
    },
  });
  assert.equal(flood(limit, 1234), 3);
  assert.deepEqual(reports, []);
  await within(30_000, "A report", reported.promise);
  assert.match(reports[0]?.[0] ?? "", /^and 1,234 more like it in the last \d+ s$/);
  assert.equal(reports[0]?.[1], 1234);

  reported = Promise.withResolvers();
  assert.equal(flood(limit, 2), 3, "a new period begins after a report");
  await within(30_000, "A report", reported.promise);
  assert.equal(reports[1]?.[1], 2);
});

Deno.test("LineLimit says nothing more where every line could be written", async () => {
  using limit = new LineLimit({
    lines: 2,
    periodMs: 1,
    report: () => assert.fail("There was nothing to report"),
  });
  for (let period = 0; period < 3; period++) {
    assert.ok(limit.admit());
    assert.ok(limit.admit());
    await delay(5);
  }
});

Deno.test("LineLimit reports when it is disposed of, and leaves no timer behind", () => {
  const counts: number[] = [];
  const limit = new LineLimit({ lines: 1, report: (_rest, count) => counts.push(count) });
  assert.equal(flood(limit, 7), 1);
  limit[Symbol.dispose]();
  limit[Symbol.dispose]();
  assert.deepEqual(counts, [7]);
});
