import { SystemError } from "../../ffi/files/system_error.ts";
import type { Held } from "./held.ts";

/**
 * Holds a directory below another, making it and those above it that are missing. Others may remove them
 * again at any time.
 *
 * @param made Takes the paths below `top` of those that were missing, from the top down.
 * @throws An error with the operating system's code; see {@linkcode Held.openBelow}.
 */
export function makeDirectoryBelow(
  top: Held,
  segments: readonly string[],
  made: string[],
  mode = 0o777,
): Held {
  let at: Held | undefined;
  for (const [index, segment] of segments.entries()) {
    using before = at;
    const above = before ?? top;
    try {
      Deno.mkdirSync(`${above.path}/${segment}`, { mode });
      made.push(segments.slice(0, index + 1).join("/"));
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
    at = above.openBelow(segment, "directory");
  }
  if (at === undefined) throw new SystemError("EINVAL", "");
  return at;
}

/**
 * Removes directories below another, in the order given, until one is not empty. Never removes anything
 * else.
 */
export function removeEmptyBelow(top: Held, directories: Iterable<string>): void {
  for (const relative of directories) {
    const segments = relative.split("/");
    const last = segments.pop() ?? "";
    try {
      using above = segments.length === 0
        ? undefined
        : top.openBelow(segments.join("/"), "directory");
      (above ?? top).removeDirectory(last);
    } catch {
      return; // not empty, in use, or gone: all as good as done
    }
  }
}

/** The directories that a file is in, given by the segments of its name, from the bottom up. */
export function* directoriesOf(segments: readonly string[]): Generator<string> {
  for (let depth = segments.length - 1; depth > 0; depth--) {
    yield segments.slice(0, depth).join("/");
  }
}
