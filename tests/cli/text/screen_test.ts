import assert from "node:assert/strict";
import { fitScreen } from "../../../cli/text/screen.ts";

Deno.test("fitScreen() leaves out what a screen has no room for, and says how much", () => {
  const text = ["a", "b", "c", "d"].join("\n");
  assert.equal(fitScreen(text, 5), text);
  assert.equal(fitScreen(text, 4), "a\nb\n… 2 more lines");
  assert.equal(fitScreen(text, 1), "a\n… 3 more lines");
});
