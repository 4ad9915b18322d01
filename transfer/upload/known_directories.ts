import { SystemError } from "../../ffi/files/system_error.ts";
import type { Held } from "../storage/held.ts";
import { mayHaveOtherName } from "../storage/same_name.ts";

/** Directories that are called as they are asked for, while a storage is held. */
const known = new WeakMap<Held, Set<string>>();

/**
 * Looks once, as long as a storage is held, whether directories are called as they are asked for; some disks find
 * them otherwise as well.
 *
 * @param directories The segments of the path of the last one.
 * @throws {SystemError} They may be called otherwise.
 */
export function checkDirectories(top: Held, directories: readonly string[]): void {
  const path = directories.join("/");
  if (path === "" || known.get(top)?.has(path)) return;
  using stack = new DisposableStack();
  let at = top;
  for (const directory of directories) {
    checkEntry(at, directory);
    at = stack.use(at.openBelow(directory, "directory"));
  }
  const paths = known.get(top) ?? new Set();
  known.set(top, paths.add(path));
}

/** Looks whether an entry is called so. @throws {SystemError} It may be called otherwise. */
export function checkEntry(directory: Held, name: string): void {
  if (mayHaveOtherName(directory, name)) throw new SystemError("EEXIST", name);
}
