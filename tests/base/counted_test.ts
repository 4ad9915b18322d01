import assert from "node:assert/strict";
import { counted } from "../../base/counted.ts";

Deno.test("counted() has one of something in the singular, and any other number in the plural", () => {
  assert.equal(counted(1, "file"), "1 file");
  assert.equal(counted(0, "file"), "0 files");
  assert.equal(counted(2, "empty directory", "empty directories"), "2 empty directories");
});
