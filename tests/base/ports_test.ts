import assert from "node:assert/strict";
import { isPort, MAX_PORT } from "../../base/mod.ts";

Deno.test("isPort() takes whole numbers from 1 to 65535", () => {
  for (const port of [1, 4433, MAX_PORT]) assert.equal(isPort(port), true, `${port}`);
  for (const other of [0, -1, MAX_PORT + 1, 1.5, NaN, Infinity, "4433", undefined, null]) {
    assert.equal(isPort(other), false, `${other}`);
  }
});
