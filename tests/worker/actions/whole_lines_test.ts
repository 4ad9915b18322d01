import assert from "node:assert/strict";
import fc from "fast-check";
import { concat } from "../../../base/mod.ts";
import { WholeLines } from "../../../worker/actions/whole_lines.ts";

const MAX = 8;

Deno.test("WholeLines passes all bytes on, in order, ends pieces with lines, and holds little", () => {
  const chunk = fc.array(fc.oneof(fc.constant(10), fc.nat(255)), { maxLength: 40 });
  fc.assert(fc.property(fc.array(chunk), (chunks) => {
    const lines = new WholeLines(MAX);
    let seen = 0;
    const pieces: Uint8Array[] = [];
    for (const bytes of chunks.map((chunk) => Uint8Array.from(chunk))) {
      const borrowed = bytes.slice();
      const piece = lines.take(borrowed).slice();
      borrowed.fill(0); // what was lent is somebody else's again
      seen += bytes.length - piece.length;
      assert.ok(seen <= MAX, "more is held than may be");
      pieces.push(piece);
    }
    for (const piece of pieces) {
      if (piece.length > 0 && piece.length <= MAX) assert.equal(piece.at(-1), 10);
    }
    const all = concat([...pieces, lines.flush()]);
    assert.deepEqual(Array.from(all), chunks.flat());
    assert.equal(lines.flush().length, 0);
  }));
});
