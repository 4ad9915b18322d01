import { crc32, deflateSync } from "node:zlib";
import { concat } from "../../base/mod.ts";

const SIGNATURE = Uint8Array.fromHex("89504e470d0a1a0a");
const CHANNELS = 4;
const BITS_PER_CHANNEL = 8;
const COLOR_TYPE_RGBA = 6;

/** A square picture: red, green, blue and opacity of each pixel, rows from the top. */
export interface Picture {
  /** Width and height in pixels. */
  readonly size: number;
  readonly pixels: Uint8Array;
}

/** Encodes a picture as PNG (ISO/IEC 15948). */
export function encodePng({ size, pixels }: Picture): Uint8Array {
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, size);
  header.setUint32(4, size);
  header.setUint8(8, BITS_PER_CHANNEL);
  header.setUint8(9, COLOR_TYPE_RGBA);
  const stride = size * CHANNELS;
  const rows = new Uint8Array((stride + 1) * size); // each begins with its filter: none
  for (let y = 0; y < size; y++) {
    rows.set(pixels.subarray(y * stride, (y + 1) * stride), y * (stride + 1) + 1);
  }
  return concat([
    SIGNATURE,
    chunk("IHDR", new Uint8Array(header.buffer)),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", new Uint8Array()),
  ]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = concat([new TextEncoder().encode(type), data]);
  const length = new DataView(new ArrayBuffer(4));
  length.setUint32(0, data.length);
  const checksum = new DataView(new ArrayBuffer(4));
  checksum.setUint32(0, crc32(body));
  return concat([new Uint8Array(length.buffer), body, new Uint8Array(checksum.buffer)]);
}
