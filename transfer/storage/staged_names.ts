import { join } from "node:path";
import { removeIfThere } from "../../base/mod.ts";
import { fileError } from "../errors.ts";

/** Whose a staged file is, when nobody says. */
export const DEFAULT_OWNER = ".msquicd";

/** A new temporary name, which nobody can guess. */
export function stagedName(owner: string): string {
  return `${owner}-${crypto.randomUUID()}.part`;
}

/** The path of a new temporary name, which nobody can guess. */
export function stagedPath(directory: string, owner: string): string {
  return join(directory, stagedName(owner));
}

/** Paths of the files that an owner has staged in a directory; or of others of its, by their ending. */
export async function listStaged(
  directory: string,
  owner: string,
  ending = ".part",
): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isFile } of Deno.readDir(directory)) {
    if (isFile && isStagedBy(owner, name, ending)) paths.push(join(directory, name));
  }
  return paths;
}

/** Whether a name is that of a staged file whose owner nobody has said, as those of downloads. */
export function isStagedName(name: string): boolean {
  return isStagedBy(DEFAULT_OWNER, name, ".part");
}

function isStagedBy(owner: string, name: string, ending: string): boolean {
  if (!name.startsWith(`${owner}-`) || !name.endsWith(ending)) return false;
  return /^[0-9a-f-]{36}$/.test(name.slice(owner.length + 1, -ending.length));
}

/**
 * Removes the staged files that an owner left behind, by being killed for instance.
 *
 * @param directory Where they were made; nothing is done if it does not exist.
 * @param owner As given to {@linkcode StagedFile.create}; must have none in use.
 * @returns How many there were.
 */
export async function removeLeftovers(directory: string, owner = DEFAULT_OWNER): Promise<number> {
  let count = 0;
  try {
    for (const path of await listStaged(directory, owner)) {
      await removeIfThere(path);
      count++;
    }
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) {
      throw fileError(cause, `Cannot clean up "${directory}"`);
    }
  }
  return count;
}
