/**
 * `deno task icon`: draws assets/msquicd.ico, which `deno task compile` gives to the Windows executable.
 */
import { concat } from "../../base/mod.ts";
import { drawIcon } from "./draw.ts";
import { encodePng } from "./png.ts";

const SIZES = [16, 24, 32, 48, 64, 256] as const;
const HEADER_BYTES = 6;
const ENTRY_BYTES = 16;
const TYPE_ICON = 1;
const BITS_PER_PIXEL = 32;

/** An icon file of several sizes, each a PNG (Windows Vista and newer). */
export function encodeIcon(sizes: readonly number[]): Uint8Array {
  const images = sizes.map((size) => encodePng(drawIcon(size)));
  const directory = new DataView(new ArrayBuffer(HEADER_BYTES + ENTRY_BYTES * sizes.length));
  directory.setUint16(2, TYPE_ICON, true);
  directory.setUint16(4, sizes.length, true);
  let offset = directory.byteLength;
  for (const [index, size] of sizes.entries()) {
    const entry = HEADER_BYTES + ENTRY_BYTES * index;
    const length = images[index]?.length ?? 0;
    directory.setUint8(entry, size % 256); // 0 stands for 256
    directory.setUint8(entry + 1, size % 256);
    directory.setUint16(entry + 4, 1, true);
    directory.setUint16(entry + 6, BITS_PER_PIXEL, true);
    directory.setUint32(entry + 8, length, true);
    directory.setUint32(entry + 12, offset, true);
    offset += length;
  }
  return concat([new Uint8Array(directory.buffer), ...images]);
}

if (import.meta.main) {
  await Deno.writeFile(new URL("../../assets/msquicd.ico", import.meta.url), encodeIcon(SIZES));
}
