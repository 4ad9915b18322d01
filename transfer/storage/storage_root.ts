import { join } from "node:path";
import type { DirectoryQuotas } from "../../base/quotas.ts";
import { DEFAULT_DURABILITY, type Durability } from "../../base/durability.ts";
import { PRIVATE_DIRECTORY } from "../../protocol/file_name.ts";
import { fileError, NotADirectoryError, storageError, SymbolicLinkError } from "../errors.ts";
import { holdDirectory } from "./hold_directory.ts";
import { Quotas } from "./quotas.ts";
import { ensureMark, type RootMark } from "./root_mark.ts";
import { SpaceAccount } from "./space_account.ts";
import { StorageCheck, type StorageRules } from "./storage_rules.ts";

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
  /** How much of some things there may be. */
  readonly quotas: Quotas;
  /** What is flushed to its disk before an upload is acknowledged. */
  readonly durability: Durability;
  /** What it takes. */
  readonly check: StorageCheck;
  /** By which it is known. */
  readonly mark: RootMark;
}

/** How files are stored in a directory. */
export interface StorageRootOptions extends StorageRules {
  /** How many bytes stay free on its disk; 64 MiB, or 1 % of a smaller disk, by default. */
  readonly minFreeBytes?: number | undefined;
  /** How much directories may hold, in bytes; as much as there is room for, by default. */
  readonly quotas?: DirectoryQuotas | undefined;
  /** What is flushed before an upload is acknowledged; everything that it takes, by default. */
  readonly durability?: Durability | undefined;
}

/**
 * Prepares a directory for storing files, making it if it is missing.
 *
 * @param mark Of a storage that was prepared before. Then nothing is made here: if the storage is not
 * there now, requests are refused until it is.
 * @throws {FilePermissionError | NoSpaceError} It cannot be made, or not be written to.
 * @throws {NotADirectoryError | SymbolicLinkError} What is in it in place of a directory of ours.
 */
export async function openStorageRoot(
  path: string,
  mark?: RootMark,
  { minFreeBytes, durability = DEFAULT_DURABILITY, quotas: directories, ...rules }:
    StorageRootOptions = {},
): Promise<StorageRoot> {
  try {
    if (mark === undefined) await Deno.mkdir(path, { recursive: true });
    const root = await realPath(path, mark !== undefined);
    const staging = join(root, PRIVATE_DIRECTORY, "uploads");
    const receipts = join(root, PRIVATE_DIRECTORY, "receipts");
    const space = new SpaceAccount(minFreeBytes);
    const check = new StorageCheck(rules);
    const quotas = new Quotas(directories);
    const own = { path: root, staging, receipts, space, quotas, durability, check };
    if (mark !== undefined) return { ...own, mark: { ...mark } };
    for (const directory of [join(root, PRIVATE_DIRECTORY), staging, receipts]) {
      await ensureDirectory(directory);
    }
    using top = holdDirectory(root);
    return { ...own, mark: ensureMark(top) };
  } catch (cause) {
    throw storageError(cause, `Cannot store files in "${path}"`);
  }
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

/** @param mayBeGone Whether it need not be there. */
async function realPath(path: string, mayBeGone: boolean): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    if (mayBeGone) return path;
    throw error;
  }
}
