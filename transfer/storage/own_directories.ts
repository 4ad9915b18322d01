import { PRIVATE_DIRECTORY } from "../../protocol/file_name.ts";
import { isMissing } from "./absence.ts";
import type { Held } from "./held.ts";
import { makeDirectoryBelow } from "./stored_directories.ts";

/**
 * Holds one of the storage's own directories, which is made if it is missing.
 *
 * @param onMade Is called then.
 */
export function holdOwn(top: Held, name: string, onMade?: () => void): Held {
  const segments = [PRIVATE_DIRECTORY, name];
  try {
    return top.openBelow(segments.join("/"), "directory");
  } catch (error) {
    if (!isMissing(error)) throw error;
    const held = makeDirectoryBelow(top, segments, [], 0o700);
    onMade?.();
    return held;
  }
}
