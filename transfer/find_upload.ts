import type { FileResumeResponse } from "../protocol/mod.ts";
import { findPublished } from "./published.ts";
import { takeOver } from "./take_over.ts";
import { RESUMABLE_SIZE, type UploadStorage } from "./upload.ts";
import { stagedAs, type UploadSubject } from "./upload_key.ts";

/**
 * Tells how far an upload has come. Whoever receives it still, from a client that has given up for
 * instance, is kept from publishing it: only who asks is to go on.
 *
 * @param target Where the file is published.
 */
export async function findUpload(
  storage: UploadStorage,
  subject: UploadSubject,
  target: string,
): Promise<FileResumeResponse> {
  const { size } = subject;
  const sha256 = await findPublished(storage, subject, target);
  if (sha256 !== undefined) return { offset: size, sha256 };
  const path = await takeOver(storage.staging, stagedAs(subject));
  if (path === undefined || size < RESUMABLE_SIZE) return { offset: 0 };
  const { size: length } = await Deno.lstat(path);
  return { offset: Math.min(length, size) };
}
