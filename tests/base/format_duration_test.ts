import assert from "node:assert/strict";
import { formatDuration } from "../../base/mod.ts";

Deno.test("formatDuration() chooses a unit that fits", () => {
  const cases: [number, string][] = [
    [0, "0 ms"],
    [849.6, "850 ms"],
    [1000, "1.0 s"],
    [59_940, "59.9 s"],
    [59_960, "1m 00s"],
    [185_000, "3m 05s"],
    [7_620_000, "2h 07m"],
    [99 * 3_600_000, "4d 3h"],
  ];
  for (const [ms, text] of cases) assert.equal(formatDuration(ms), text, String(ms));
});
