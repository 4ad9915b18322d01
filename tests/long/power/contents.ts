import { createHash } from "node:crypto";

export const MIB = 1024 * 1024;

/** The upload that is interrupted. */
export const INTERRUPTED = { id: "7".repeat(32), name: "interrupted", size: 6 * MIB + 77 };

/** What a content of that name is: no two have a block in common. */
export function contentOf(name: string): Uint8Array<ArrayBuffer> {
  const size = name === INTERRUPTED.name
    ? INTERRUPTED.size
    : name.startsWith("large")
    ? 2 * MIB + name.length
    : 3000 + name.length;
  const bytes = new Uint8Array(size);
  for (let at = 0, block = 0; at < size; at += 512, block++) {
    const digest = createHash("sha512").update(`${name} ${block}`).digest();
    for (let part = at; part < Math.min(at + 512, size); part += 64) {
      bytes.set(digest.subarray(0, Math.min(64, size - part)), part);
    }
  }
  return bytes;
}

/** The SHA-256 of some bytes, in hexadecimal. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
