import assert from "node:assert/strict";
import { commandLineFor } from "../command_line.ts";

Deno.test("call takes no time that no request may have", async () => {
  const run = commandLineFor({ server: "127.0.0.1:1", token: "t", fingerprint: "0".repeat(64) });
  for (const timeout of ["0", "86400001", "100000000"]) {
    const { exitCode, stderr } = await run("call", "0x8000", "--timeout", timeout);
    assert.equal(exitCode, 2);
    assert.match(stderr, /a whole number from 1 to 86400000 is wanted/);
  }
});
