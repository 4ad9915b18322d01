import { join } from "node:path";
import { parseFileName, PRIVATE_DIRECTORY } from "../protocol/mod.ts";
import { fileError, SymbolicLinkError } from "./errors.ts";
import { SpaceAccount } from "./space_account.ts";

/** A directory that files are stored in. */
export interface StorageRoot {
  /** Absolute path, with no symbolic link in it. */
  readonly path: string;
  /** Where uploads are staged: a private directory inside. */
  readonly staging: string;
  /** Where it is noted which uploads were published, for those who ask again. */
  readonly receipts: string;
  /** What is promised of the free space. */
  readonly space: SpaceAccount;
}

/** Where a name leads to. */
export interface ResolvedName {
  /** Absolute path, inside the root. */
  readonly path: string;
  /** What is there, if anything is. */
  readonly info: Deno.FileInfo | undefined;
}

/**
 * Prepares a directory for storing files, making it if it is missing.
 *
 * @throws {FilePermissionError}
 */
export async function openStorageRoot(path: string): Promise<StorageRoot> {
  try {
    await Deno.mkdir(path, { recursive: true });
    const root = await Deno.realPath(path);
    const staging = stagingIn(root);
    const receipts = join(root, PRIVATE_DIRECTORY, "receipts");
    for (const directory of [staging, receipts]) {
      await Deno.mkdir(directory, { recursive: true, mode: 0o700 });
    }
    return { path: root, staging, receipts, space: new SpaceAccount() };
  } catch (cause) {
    throw fileError(cause, `Cannot store files in "${path}"`);
  }
}

/** Where uploads are staged in a storage's directory. */
export function stagingIn(root: string): string {
  return join(root, PRIVATE_DIRECTORY, "uploads");
}

/**
 * Finds where a file's name leads to. Below the root no symbolic link is ever followed: a name that leads
 * to one, or through one, is refused.
 *
 * Someone with access to the directory could still put a link in place after the look; clients cannot.
 *
 * @throws {InvalidNameError}
 * @throws {SymbolicLinkError}
 * @throws {FilePermissionError} The operating system does not allow it.
 */
export async function resolveName(root: StorageRoot, name: string): Promise<ResolvedName> {
  const segments = parseFileName(name);
  const path = join(root.path, ...segments);
  let at = root.path;
  let info: Deno.FileInfo | undefined;
  for (const segment of segments) {
    at = join(at, segment);
    info = await look(at, name);
    if (info === undefined) break;
    if (info.isSymlink) {
      throw new SymbolicLinkError(
        `Cannot use "${name}": it leads to or through a symbolic link, which is not followed`,
      );
    }
  }
  return { path, info };
}

async function look(path: string, name: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof Deno.errors.NotADirectory) return undefined;
    throw fileError(error, `Cannot look at "${name}"`);
  }
}
