import assert from "node:assert/strict";
import type { Copied } from "../../../cli/files/copied.ts";
import { PLAIN_NAMES } from "../../../cli/files/name_mapping.ts";
import { settled } from "../../../cli/files/stored_already.ts";

Deno.test("settled() tells what came of files before what ended the rest, also of one that cannot be looked into", async () => {
  const lost = new Error("Connection lost");
  const refused = new Error("A file of this name exists");
  async function* move() {
    for (let item = 0; item < 50; item++) {
      const file = { item, skipped: undefined };
      if (item === 20) yield { file, error: refused };
      else yield { file, result: { name: `${item}` } as Copied };
    }
    await Promise.reject(lost);
  }
  const told: string[] = [];
  await assert.rejects(async () => {
    const already = () => Promise.reject(lost);
    for await (const outcome of settled(move(), PLAIN_NAMES, already)) {
      told.push("result" in outcome ? outcome.result.name : String(outcome.error));
    }
  }, lost);
  const expected = Array.from({ length: 50 }, (_, index) => `${index}`);
  expected[20] = String(lost);
  assert.deepEqual(told, expected);
});
