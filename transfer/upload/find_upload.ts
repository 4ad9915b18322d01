import type { FileResumeResponse } from "../../protocol/mod.ts";
import type { Place } from "../storage/place.ts";
import { findPublished } from "./published.ts";
import { sizeOf, takeOver } from "./take_over.ts";
import { RESUMABLE_SIZE, type UploadStorage } from "./upload.ts";
import { stagedAs, type UploadSubject } from "./upload_key.ts";

/** How often to start again when others go on with the same upload at the same time. */
const MAX_ATTEMPTS = 5;

/**
 * Tells how far an upload has come. Whoever receives it still, from a client that has given up for
 * instance, is kept from publishing it: only who asks is to go on.
 *
 * @param target Where the file is published.
 */
export async function findUpload(
  storage: UploadStorage,
  subject: UploadSubject,
  target: Place,
): Promise<FileResumeResponse> {
  const { size } = subject;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const published = await findPublished(storage, subject, target);
    if (published !== undefined) return { offset: size, sha256: published };
    const path = await takeOver(storage.staging, stagedAs(subject));
    if (path === undefined) break;
    // Whoever has just lost it may have been done with it the moment before.
    const sha256 = await findPublished(storage, subject, target);
    if (sha256 !== undefined) return { offset: size, sha256 };
    if (size < RESUMABLE_SIZE) break;
    const length = await sizeOf(path);
    if (length !== undefined) return { offset: Math.min(length, size) };
  }
  return { offset: 0 };
}
