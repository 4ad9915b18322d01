import assert from "node:assert/strict";
import { inflateSync } from "node:zlib";
import { drawIcon } from "../../compile/icon/draw.ts";
import { encodePng } from "../../compile/icon/png.ts";

Deno.test("encodePng() keeps every pixel", () => {
  const picture = drawIcon(16);
  const png = encodePng(picture);
  const view = new DataView(png.buffer);
  const header = 8 + 8; // signature; length and type of the first chunk
  assert.equal(view.getUint32(header), 16);
  const data = header + 13 + 4; // the header's content and checksum
  const rows = inflateSync(png.subarray(data + 8, data + 8 + view.getUint32(data)));
  const pixels = Array.from(
    { length: 16 },
    (_, row) => [...rows.subarray(row * 65 + 1, row * 65 + 65)],
  );
  assert.deepEqual(pixels.flat(), [...picture.pixels]);
});

Deno.test("the icon has corners to look through and a full middle", () => {
  const { size, pixels } = drawIcon(32);
  const opacity = (x: number, y: number) => pixels[(y * size + x) * 4 + 3];
  assert.equal(opacity(0, 0), 0);
  assert.equal(opacity(16, 16), 255);
});

Deno.test("assets/msquicd.ico is an icon of several sizes", async () => {
  const bytes = await Deno.readFile(new URL("../../assets/msquicd.ico", import.meta.url));
  const view = new DataView(bytes.buffer);
  const count = view.getUint16(4, true);
  const last = 6 + 16 * (count - 1);
  assert.equal(view.getUint16(2, true), 1);
  assert.ok(count >= 4);
  assert.equal(view.getUint32(last + 8, true) + view.getUint32(last + 12, true), bytes.length);
});
