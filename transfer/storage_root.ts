import { join } from "node:path";
import { PRIVATE_DIRECTORY } from "../protocol/mod.ts";
import { fileError, NotADirectoryError, SymbolicLinkError } from "./errors.ts";
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

/**
 * Prepares a directory for storing files, making it if it is missing.
 *
 * @throws {FilePermissionError | NoSpaceError} It cannot be made, or not be written to.
 * @throws {NotADirectoryError | SymbolicLinkError} What is in it in place of a directory of ours.
 */
export async function openStorageRoot(path: string): Promise<StorageRoot> {
  try {
    await Deno.mkdir(path, { recursive: true });
    const root = await Deno.realPath(path);
    const staging = stagingIn(root);
    const receipts = join(root, PRIVATE_DIRECTORY, "receipts");
    for (const directory of [join(root, PRIVATE_DIRECTORY), staging, receipts]) {
      await ensureDirectory(directory);
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

/** Makes a directory of the server's own, or checks that it is one. */
async function ensureDirectory(path: string): Promise<void> {
  const action = `Cannot keep uploads in "${path}"`;
  try {
    await Deno.mkdir(path, { mode: 0o700 });
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AlreadyExists)) throw fileError(cause, action);
  }
  const { isDirectory, isSymlink } = await Deno.lstat(path);
  if (isSymlink) {
    throw new SymbolicLinkError(
      `${action}: it is a symbolic link, which is not followed; remove it`,
    );
  }
  if (isDirectory) return;
  throw new NotADirectoryError(`${action}: it is a file, not a directory; remove it`);
}
