import type { FileResumeResponse } from "../../protocol/mod.ts";
import { prefixOf } from "../chunks/chunk_journal.ts";
import { isMissing } from "../storage/absence.ts";
import type { Place } from "../storage/place.ts";
import { findPublished } from "./published.ts";
import { takeOver } from "./take_over.ts";
import { RESUMABLE_SIZE } from "./resumable_size.ts";
import type { UploadStorage } from "./upload_storage.ts";
import { reliableLength } from "./upload_journal.ts";
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
    const offset = await lookInto(path, size);
    if (offset !== undefined) return { offset };
  }
  return { offset: 0 };
}

/** How much there is in a file from its start on, in bytes; `undefined` if it is gone. */
async function lookInto(path: string, size: number): Promise<number | undefined> {
  try {
    const { size: length } = await Deno.lstat(path);
    if (length <= size) return reliableLength(path, length);
    using file = await Deno.open(path);
    return reliableLength(path, await prefixOf(file, length, size));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
