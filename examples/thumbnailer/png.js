import { Buffer } from "node:buffer";
import { crc32, deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Bytes of a pixel, by the colour type that a PNG names: grey, RGB, RGBA. */
const CHANNELS = new Map([[0, 1], [2, 3], [6, 4]]);
const RGBA = 6;
const MAX_PIXELS = 4096 * 4096;

/** What is no image that this can read: the fault of who sent it. */
export class ImageError extends Error {
  code = "unusable-image";
}

/**
 * Reads a PNG of 8 bits a channel, grey, RGB or RGBA, that is not interlaced.
 *
 * @param {Uint8Array} bytes
 * @returns {{ width: number, height: number, pixels: Uint8Array }} RGBA, row by row.
 */
export function decodePng(bytes) {
  if (!SIGNATURE.every((byte, at) => bytes[at] === byte)) throw new ImageError("It is no PNG");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let header;
  const parts = [];
  for (let at = SIGNATURE.length; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (type === "IHDR" && length === 13) header = data;
    if (type === "IDAT") parts.push(data);
    at += 12 + length;
  }
  if (header === undefined) throw new ImageError("It has no header");
  const facts = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const [width, height] = [facts.getUint32(0), facts.getUint32(4)];
  const channels = CHANNELS.get(header[9]);
  if (header[8] !== 8 || channels === undefined || header[12] !== 0) {
    throw new ImageError("It is not of 8 bits a channel, grey, RGB or RGBA, in one pass");
  }
  if (width * height === 0 || width * height > MAX_PIXELS) throw new ImageError("It is too large");
  const raw = inflate(parts, height * (1 + width * channels));
  return { width, height, pixels: toRgba(unfilter(raw, width * channels, channels), channels) };
}

/**
 * Writes RGBA as a PNG.
 *
 * @param {{ width: number, height: number, pixels: Uint8Array }} image
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function encodePng({ width, height, pixels }) {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, RGBA], 8);
  const raw = new Uint8Array(height * (1 + width * 4));
  for (let row = 0; row < height; row++) {
    raw.set(pixels.subarray(row * width * 4, (row + 1) * width * 4), row * (1 + width * 4) + 1);
  }
  const chunks = [["IHDR", header], ["IDAT", deflateSync(raw)], ["IEND", new Uint8Array()]];
  const encoded = chunks.map(([type, data]) => chunk(type, data));
  const all = new Uint8Array(encoded.reduce((sum, { length }) => sum + length, SIGNATURE.length));
  all.set(SIGNATURE);
  let at = SIGNATURE.length;
  for (const one of encoded) {
    all.set(one, at);
    at += one.length;
  }
  return all;
}

function chunk(type, data) {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

function inflate(parts, length) {
  try {
    const raw = inflateSync(Buffer.concat(parts), {
      maxOutputLength: length,
    });
    if (raw.length === length) return raw;
  } catch {
    // as below
  }
  throw new ImageError("Its pixels cannot be read");
}

/** Undoes the filter of each row, which its first byte names (PNG, section 9). */
function unfilter(raw, stride, step) {
  const height = raw.length / (1 + stride);
  const out = new Uint8Array(height * stride);
  for (let row = 0; row < height; row++) {
    const filter = raw[row * (1 + stride)];
    for (let at = 0; at < stride; at++) {
      const here = row * stride + at;
      const left = at < step ? 0 : out[here - step];
      const up = row === 0 ? 0 : out[here - stride];
      const corner = at < step || row === 0 ? 0 : out[here - stride - step];
      out[here] = raw[row * (1 + stride) + 1 + at] + predicted(filter, left, up, corner);
    }
  }
  return out;
}

function predicted(filter, left, up, corner) {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  if (filter !== 4) throw new ImageError("Its pixels cannot be read");
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

function toRgba(pixels, channels) {
  if (channels === 4) return pixels;
  const out = new Uint8Array(pixels.length / channels * 4).fill(255);
  for (let from = 0, to = 0; from < pixels.length; from += channels, to += 4) {
    for (let color = 0; color < 3; color++) out[to + color] = pixels[from + color % channels];
  }
  return out;
}
