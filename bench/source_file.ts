import { join } from "node:path";

const BLOCK_BYTES = 1024 * 1024;
/** As many as `crypto.getRandomValues` makes at a time. */
const RANDOM_BYTES = 65_536;

/** A file of random bytes to be moved, made when it is first asked for, and in the page cache then. */
export async function sourceFile(directory: string, bytes: number): Promise<string> {
  const path = join(directory, `source-${bytes}`);
  using file = await Deno.open(path, { create: true, write: true });
  if ((await file.stat()).size === bytes) return path;
  const block = new Uint8Array(BLOCK_BYTES);
  for (let start = 0; start < block.length; start += RANDOM_BYTES) {
    crypto.getRandomValues(block.subarray(start, start + RANDOM_BYTES));
  }
  const writer = file.writable.getWriter();
  for (let written = 0; written < bytes; written += block.length) {
    await writer.write(block.subarray(0, bytes - written));
  }
  await file.sync();
  return path;
}
