import { join } from "node:path";
import { PRIVATE_DIRECTORY } from "../protocol/mod.ts";
import { fileError } from "./errors.ts";
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
