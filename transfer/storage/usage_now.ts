import { NoSpaceError } from "../errors.ts";
import { isGone } from "./absence.ts";
import type { StorageRoot } from "./storage_root.ts";
import { canNoteStorers, storerOf } from "./storer_note.ts";
import { bytesFor, type ChangedName, type Measured, NO_FILE, type Usage } from "./usage.ts";

/**
 * Does something at once to a file of a storage, and counts what that makes of its quotas.
 *
 * @param usage `undefined` where nothing is to be counted.
 * @param wanted What the file is to be.
 * @throws {NoSpaceError} There is too little room, or it is not known who has stored what. Then nothing was done,
 * and who takes longer finds out more.
 */
export function countingNow(
  root: StorageRoot,
  usage: Usage | undefined,
  { name, path }: ChangedName,
  wanted: Measured,
  step: () => void,
): void {
  if (usage === undefined) return step();
  const before = measureNow(root, path);
  for (const { key, of, bytes } of root.quotas.of(name, wanted.storer)) {
    const more = bytesFor(key, name, wanted) - bytesFor(key, name, before);
    const { stored, promised } = usage.used(key);
    const full = more > 0 && stored + promised + more > bytes;
    if (full || of === "token" && !canNoteStorers(root.staging)) {
      throw new NoSpaceError(`Cannot store "${name}" at once: its quota may be used up`);
    }
  }
  usage.begin();
  try {
    step();
  } finally {
    usage.change(name, before, measureNow(root, path));
    usage.settle();
  }
}

function measureNow(root: StorageRoot, path: string): Measured {
  try {
    const { isFile, size } = Deno.lstatSync(path);
    if (!isFile) return NO_FILE;
    return { bytes: size, storer: root.quotas.anyToken ? storerOf(path) : undefined };
  } catch (error) {
    if (isGone(error)) return NO_FILE;
    throw error;
  }
}
