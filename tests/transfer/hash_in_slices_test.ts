import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { hashInSlices } from "../../transfer/hash_in_slices.ts";
import { pattern, sha256 } from "./memory_streams.ts";

const MEBIBYTE = 1024 * 1024;

Deno.test("hashInSlices() hashes all bytes, and lets others run between slices", async () => {
  for (const [length, turns] of [[0, 0], [1, 0], [MEBIBYTE, 3], [MEBIBYTE + 1, 4]] as const) {
    const bytes = pattern(length);
    const hash = createHash("sha256");
    let over = false;
    const hashing = hashInSlices(hash, bytes).then(() => over = true);
    let others = 0;
    while (await setImmediate(undefined), !over) others++;
    await hashing;
    assert.equal(hash.digest("hex"), sha256(bytes).toHex());
    assert.ok(others >= turns - 1, `${others} turns of others for ${length} bytes`);
  }
});
