import { randomBytes } from "node:crypto";

/** Bytes that can be compressed to a tenth or so. */
export function text(length: number): Uint8Array<ArrayBuffer> {
  const lines = Array.from(
    { length: 400 },
    (_, line) => `GET /page${line}.html 200, ${line * 7}\n`,
  );
  const unit = new TextEncoder().encode(lines.join(""));
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += unit.length) bytes.set(unit.subarray(0, length - at), at);
  return bytes;
}

/** Bytes that cannot. */
export function noise(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(randomBytes(length));
}
