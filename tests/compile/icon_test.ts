import assert from "node:assert/strict";

Deno.test("assets/msquicd.ico is an icon of several sizes", async () => {
  const bytes = await Deno.readFile(new URL("../../assets/msquicd.ico", import.meta.url));
  const view = new DataView(bytes.buffer);
  const count = view.getUint16(4, true);
  const last = 6 + 16 * (count - 1);
  assert.equal(view.getUint16(2, true), 1);
  assert.ok(count >= 4);
  assert.equal(view.getUint32(last + 8, true) + view.getUint32(last + 12, true), bytes.length);
});
