import type { FileInfo } from "../../protocol/file_bodies.ts";
import { parseFileName } from "../../protocol/file_name.ts";
import { SystemError } from "../../ffi/files/system_error.ts";
import {
  DirectoryNotEmptyError,
  IsADirectoryError,
  NotADirectoryError,
  NotAFileError,
  storageError,
} from "../errors.ts";
import { isNotEmpty } from "./absence.ts";
import type { Held, InodeInfo } from "./held.ts";
import { holdRoot } from "./held_root.ts";
import { directoriesOf, removeEmptyBelow } from "./stored_directories.ts";
import { counting } from "./usage.ts";
import type { StorageRoot } from "./storage_root.ts";

/** A file that is open for reading. */
export interface OpenedDiskFile {
  readonly file: Deno.FsFile;
  readonly info: FileInfo;
}

/**
 * A stored file's size and time.
 *
 * @throws {InvalidNameError | FileNotFoundError | NotAFileError | FilePermissionError}
 */
export async function statFile(root: StorageRoot, name: string): Promise<FileInfo> {
  using held = await holdFile(root, name);
  return fileInfo(name, held.stat());
}

/**
 * Opens a stored file for reading. Who opened it, closes it.
 *
 * @param look Is told by which path the file is held meanwhile, and what it is.
 * @throws {InvalidNameError | FileNotFoundError | NotAFileError | FilePermissionError}
 */
export async function openFile(
  root: StorageRoot,
  name: string,
  look?: (path: string, info: FileInfo) => void,
): Promise<OpenedDiskFile> {
  using held = await holdFile(root, name);
  try {
    const file = await Deno.open(held.path);
    const info = fileInfo(name, held.stat());
    look?.(held.path, info);
    return { file, info };
  } catch (cause) {
    throw storageError(cause, `Cannot open "${name}"`);
  }
}

/** Whether a stored file has exactly these bytes. */
export async function holdsFile(
  root: StorageRoot,
  name: string,
  bytes: Uint8Array,
): Promise<boolean> {
  try {
    const { file, info } = await openFile(root, name);
    using _file = file;
    if (info.size !== bytes.length) return false;
    const there = new Uint8Array(bytes.length + 1);
    let length = 0;
    while (length < there.length) {
      const count = await file.read(there.subarray(length));
      if (count === null) break;
      length += count;
    }
    return length === bytes.length && bytes.every((byte, index) => byte === there[index]);
  } catch {
    return false;
  }
}

/**
 * Removes a stored file, and the directories that thereby become empty.
 *
 * @throws {InvalidNameError | FileNotFoundError | NotAFileError | FilePermissionError}
 */
export async function removeFile(root: StorageRoot, name: string): Promise<void> {
  const segments = parseFileName(name);
  using top = holdRoot(root);
  try {
    using parent = await holdParent(top, segments);
    const last = segments.at(-1) ?? "";
    const directory = parent ?? top;
    refuseOthers(name, directory.statEntry(last));
    const path = `${directory.path}/${last}`;
    await counting(root, [{ name, path }], () => Deno.remove(path));
  } catch (cause) {
    throw storageError(cause, `Cannot remove "${name}"`);
  }
  removeEmptyBelow(top, directoriesOf(segments));
}

/**
 * Removes a directory with nothing in it, and those above that thereby become empty.
 *
 * @throws {InvalidNameError | FileNotFoundError | NotADirectoryError | DirectoryNotEmptyError}
 */
export async function removeDirectory(root: StorageRoot, name: string): Promise<void> {
  const segments = parseFileName(name);
  using top = holdRoot(root);
  try {
    using parent = await holdParent(top, segments);
    const last = segments.at(-1) ?? "";
    const directory = parent ?? top;
    const { kind } = directory.statEntry(last);
    if (kind === "link") throw new SystemError("ELOOP", name);
    if (kind !== "directory") {
      throw new NotADirectoryError(`Cannot remove "${name}" as a directory: it is none`);
    }
    directory.removeDirectory(last);
  } catch (cause) {
    if (isNotEmpty(cause)) {
      throw new DirectoryNotEmptyError(`Cannot remove "${name}": it is not empty`, { cause });
    }
    throw storageError(cause, `Cannot remove "${name}"`);
  }
  removeEmptyBelow(top, directoriesOf(segments));
}

/** What an answer says about a file. */
export function fileInfo(name: string, { size, mtime, mode }: InodeInfo): FileInfo {
  return mode === undefined ? { name, size, mtime } : { name, size, mtime, mode };
}

/** `undefined`: the file is in the storage's own directory. */
export async function holdParent(
  top: Held,
  segments: readonly string[],
): Promise<Held | undefined> {
  if (segments.length === 1) return undefined;
  return await top.openBelowLater(segments.slice(0, -1).join("/"), "directory");
}

async function holdFile(root: StorageRoot, name: string): Promise<Held> {
  parseFileName(name);
  using top = holdRoot(root);
  using stack = new DisposableStack();
  try {
    const held = stack.use(await top.openBelowLater(name));
    refuseOthers(name, held.stat());
    stack.move();
    return held;
  } catch (cause) {
    throw storageError(cause, `Cannot use "${name}"`);
  }
}

/** @throws What is there is no regular file. */
function refuseOthers(name: string, { kind }: InodeInfo): void {
  if (kind === "file") return;
  if (kind === "link") throw new SystemError("ELOOP", name);
  if (kind === "directory") throw new IsADirectoryError(`Cannot use "${name}": it is a directory`);
  throw new NotAFileError(`Cannot use "${name}": it is not a regular file`);
}
