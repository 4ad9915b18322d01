import { removeIfThere } from "./staged_names.ts";
import { uploadOwnerOf } from "./upload_key.ts";

/** What people are told of an upload that was interrupted. */
export interface UploadNote {
  /** What the file was to be called. */
  readonly name: string;
  /** How large it is, in bytes. */
  readonly size: number;
}

/**
 * Writes down what is staged under a name that nobody can read. Only for people: nothing depends on it.
 *
 * @param staging Where the upload is staged; the notes are in a directory beside.
 */
export async function writeNote(
  staging: string,
  owner: string,
  { name, size }: UploadNote,
): Promise<void> {
  try {
    await Deno.mkdir(directoryOf(staging), { recursive: true, mode: 0o700 });
    await Deno.writeTextFile(pathOf(staging, owner), JSON.stringify({ name, size }), {
      mode: 0o600,
    });
  } catch {
    await removeNote(staging, owner);
  }
}

/** What was written down; `undefined` if nothing was. */
export async function readNote(
  staging: string,
  owner: string,
): Promise<UploadNote | undefined> {
  try {
    const { name, size } = JSON.parse(await Deno.readTextFile(pathOf(staging, owner)));
    return typeof name === "string" && Number.isSafeInteger(size) ? { name, size } : undefined;
  } catch {
    return undefined;
  }
}

/** Removes what was written down, if anything was. */
export async function removeNote(staging: string, owner: string): Promise<void> {
  await removeIfThere(pathOf(staging, owner)).catch(() => {}); // it is swept away later
}

/** Removes the notes of uploads of which nothing is staged any more. */
export async function removeOldNotes(staging: string, olderThan: number): Promise<void> {
  const owners = new Set<string>();
  for await (const { name } of Deno.readDir(staging)) {
    const owner = uploadOwnerOf(name);
    if (owner !== undefined) owners.add(owner);
  }
  try {
    for await (const { name } of Deno.readDir(directoryOf(staging))) {
      const owner = /^(put-[0-9a-f]{32})\.json$/.exec(name)?.[1];
      if (owner === undefined || owners.has(owner)) continue;
      const { mtime } = await Deno.lstat(pathOf(staging, owner));
      if ((mtime?.getTime() ?? 0) < olderThan) await removeNote(staging, owner);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function directoryOf(staging: string): string {
  // Not by the path's own text, which may lead to a directory that is held, wherever that is.
  return `${staging}/../names`;
}

function pathOf(staging: string, owner: string): string {
  return `${directoryOf(staging)}/${owner}.json`;
}
