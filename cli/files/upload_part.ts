import { createHash } from "node:crypto";
import { fileError, RESUMABLE_SIZE } from "../../transfer/mod.ts";
import type { Upload } from "./upload.ts";

/**
 * Under which name a server keeps what it has of an upload, so that a later call can go on from there: the
 * same for the same file as long as it has not changed. Nothing needs to be remembered here.
 *
 * @returns `undefined` for a file that is as soon sent again.
 */
export async function partOf({ path, name, size }: Upload): Promise<string | undefined> {
  if (size < RESUMABLE_SIZE) return undefined;
  const [info, real] = await lookAt(path);
  const facts = [real, name, info.dev, info.ino, info.size, info.mtime?.getTime() ?? null];
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 32);
}

async function lookAt(path: string): Promise<[Deno.FileInfo, string]> {
  try {
    return [await Deno.stat(path), await Deno.realPath(path)];
  } catch (cause) {
    throw fileError(cause, `Cannot read "${path}"`);
  }
}
