import type { FileInfo } from "../protocol/mod.ts";
import { directoriesAbove, removeEmptyDirectories } from "./directories.ts";
import { fileError, FileNotFoundError, NotAFileError } from "./errors.ts";
import { resolveName, type StorageRoot } from "./storage_root.ts";

/** A file that is open for reading. */
export interface OpenedFile {
  readonly file: Deno.FsFile;
  readonly info: FileInfo;
}

/**
 * A stored file's size and time.
 *
 * @throws {InvalidNameError | FileNotFoundError | NotAFileError | FilePermissionError}
 */
export async function statFile(root: StorageRoot, name: string): Promise<FileInfo> {
  const { info } = await findFile(root, name);
  return fileInfo(name, info);
}

/**
 * Opens a stored file for reading. Who opened it, closes it.
 *
 * @throws {InvalidNameError | FileNotFoundError | NotAFileError | FilePermissionError}
 */
export async function openFile(root: StorageRoot, name: string): Promise<OpenedFile> {
  const { path } = await findFile(root, name);
  let file: Deno.FsFile | undefined;
  try {
    file = await Deno.open(path);
    return { file, info: fileInfo(name, await file.stat()) };
  } catch (cause) {
    file?.close();
    throw fileError(cause, `Cannot open "${name}"`);
  }
}

/**
 * Removes a stored file, and the directories that thereby become empty.
 *
 * @throws {InvalidNameError | FileNotFoundError | NotAFileError | FilePermissionError}
 */
export async function removeFile(root: StorageRoot, name: string): Promise<void> {
  const { path } = await findFile(root, name);
  try {
    await Deno.remove(path);
  } catch (cause) {
    throw fileError(cause, `Cannot remove "${name}"`);
  }
  await removeEmptyDirectories(directoriesAbove(path, root.path));
}

/** What an answer says about a file. */
export function fileInfo(name: string, info: Deno.FileInfo): FileInfo {
  return { name, size: info.size, mtime: info.mtime?.getTime() ?? 0 };
}

async function findFile(
  root: StorageRoot,
  name: string,
): Promise<{ path: string; info: Deno.FileInfo }> {
  const { path, info } = await resolveName(root, name);
  if (info === undefined) throw new FileNotFoundError(`Cannot find "${name}": no such file`);
  if (!info.isFile) throw new NotAFileError(`Cannot use "${name}": it is not a regular file`);
  return { path, info };
}
