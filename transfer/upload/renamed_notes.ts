import { getLogger } from "@logtape/logtape";
import { removeIfThere } from "../../base/mod.ts";
import { isMissing } from "../storage/absence.ts";
import { holdStorage } from "../storage/held_root.ts";
import { holdOwnFile } from "../storage/own_files.ts";
import type { StorageRoot } from "../storage/storage_root.ts";
import { receiptKey, type UploadSubject } from "./upload_key.ts";
import { holdNames, makeNames } from "./upload_notes.ts";

const logger = getLogger(["msquicd", "transfer"]);

/** How long it is known, in milliseconds: as long as an upload that was interrupted is kept, and its receipt. */
const KEPT_MS = 25 * 60 * 60_000;

/** Where there are more, only those of the last hour are kept, as receipts are. */
const MANY = 100_000;
const KEPT_OF_MANY_MS = 60 * 60_000;

/**
 * Writes down that an upload is stored under another name than its client has said, so that whoever asks again
 * finds it there. Without the note a repetition may be taken for another upload; that is no reason to fail.
 *
 * @returns The name that holds: the one that another attempt at the same upload has written down before.
 */
export async function noteRenamed(
  root: StorageRoot,
  subject: UploadSubject,
  name: string,
): Promise<string> {
  try {
    using storage = holdStorage(root);
    using names = makeNames(storage.staging);
    const path = `${names.path}/${fileNameOf(subject)}`;
    const text = JSON.stringify({ name });
    try {
      await Deno.writeTextFile(path, text, { createNew: true, mode: 0o600 });
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      const before = await findRenamed(root, subject);
      if (before !== undefined) return before;
      // Who was killed while writing it has left it without an end.
      await removeIfThere(path);
      await Deno.writeTextFile(path, text, { createNew: true, mode: 0o600 });
    }
  } catch (error) {
    logger.warning("Cannot note that an upload gets another name: {error}", { error });
  }
  return name;
}

/** Under which name an upload is stored, where that is not the one that its client has said. */
export async function findRenamed(
  root: StorageRoot,
  subject: UploadSubject,
): Promise<string | undefined> {
  try {
    using storage = holdStorage(root);
    using names = holdNames(storage.staging);
    using note = holdOwnFile(names, fileNameOf(subject));
    if (note === undefined) return undefined;
    const { name } = JSON.parse(await Deno.readTextFile(note.path));
    return typeof name === "string" ? name : undefined;
  } catch {
    return undefined;
  }
}

/** Removes the notes that nobody will ask for any more. */
export async function removeOldRenamed(
  staging: string,
  now = Date.now(),
  many = MANY,
): Promise<void> {
  try {
    using names = holdNames(staging);
    const times = new Map<string, number>();
    for await (const { name } of Deno.readDir(names.path)) {
      if (!/^to-[0-9a-f]{32}\.json$/.test(name)) continue;
      const path = `${names.path}/${name}`;
      times.set(path, (await Deno.lstat(path)).mtime?.getTime() ?? 0);
    }
    const keptMs = times.size > many ? KEPT_OF_MANY_MS : KEPT_MS;
    for (const [path, time] of times) if (now - time > keptMs) await removeIfThere(path);
  } catch (error) {
    if (!isMissing(error) && !(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function fileNameOf(subject: UploadSubject): string {
  return `to-${receiptKey(subject)}.json`;
}
