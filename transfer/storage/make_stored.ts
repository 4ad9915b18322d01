import { parseNewFileName } from "../../protocol/file_name.ts";
import { FileExistsError, NotADirectoryError, storageError } from "../errors.ts";
import { isMissing } from "./absence.ts";
import type { Held } from "./held.ts";
import { holdRoot } from "./held_root.ts";
import { refuseOtherNames } from "./same_name.ts";
import type { StorageRoot } from "./storage_root.ts";
import { makeDirectoryBelow, removeEmptyBelow } from "./stored_directories.ts";

/** How often to begin again while others remove what was made. */
const MAX_ATTEMPTS = 10;

/**
 * Makes a directory in a storage, and those above it that are missing.
 *
 * @returns Whether it was not there before.
 * @throws {InvalidNameError | FileExistsError | NotADirectoryError | SymbolicLinkError | NoSpaceError}
 */
export async function makeStored(root: StorageRoot, name: string): Promise<boolean> {
  const segments = parseNewFileName(name);
  using top = holdRoot(root);
  const made: string[] = [];
  for (let attempt = 1;; attempt++) {
    try {
      makeDirectoryBelow(top, segments, made)[Symbol.dispose]();
      await refuseOtherNames(top, segments);
      return made.at(-1) === name;
    } catch (error) {
      if (isMissing(error) && attempt < MAX_ATTEMPTS) continue;
      removeEmptyBelow(top, made.reverse());
      throw refusal(top, name, error);
    }
  }
}

function refusal(top: Held, name: string, error: unknown): unknown {
  const action = `Cannot make the directory "${name}"`;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code !== "ENOTDIR") return storageError(error, action);
  if (isFile(top, name)) return new FileExistsError(`${action}: a file has its name`);
  return new NotADirectoryError(`${action}: a part of its path is a file`);
}

function isFile(top: Held, name: string): boolean {
  try {
    using held = top.openBelow(name);
    return held.stat().kind !== "directory";
  } catch {
    return false;
  }
}
