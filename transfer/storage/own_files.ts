import { isMissing } from "./absence.ts";
import { StorageUnavailableError } from "../errors.ts";
import type { Held } from "./held.ts";

/** How often to begin again when others make and remove the same file at the same time. */
const MAX_ATTEMPTS = 5;

/**
 * Holds a file of the storage's own, by which it is opened. What else has its name was put there by others,
 * and is not used: a link leads elsewhere, and a named pipe is waited at.
 *
 * @returns `undefined` if there is none.
 * @throws {StorageUnavailableError} Something else has the name.
 */
export function holdOwnFile(directory: Held, name: string): Held | undefined {
  using stack = new DisposableStack();
  try {
    const held = stack.use(directory.openBelow(name));
    if (held.stat().kind !== "file") {
      throw new StorageUnavailableError(
        `Cannot use "${name}" in the storage's own directory: it is no file; remove it`,
      );
    }
    stack.move();
    return held;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * Opens a file of the storage's own to append to it, making it if there is none.
 *
 * @throws As {@linkcode holdOwnFile}.
 */
export function appendToOwnFile(directory: Held, name: string): Deno.FsFile {
  for (let attempt = 1;; attempt++) {
    using there = holdOwnFile(directory, name);
    if (there !== undefined) return Deno.openSync(there.path, { append: true });
    try {
      // Made only if nothing has the name, a link that leads nowhere neither.
      const options = { append: true, createNew: true, mode: 0o600 };
      return Deno.openSync(`${directory.path}/${name}`, options);
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists) || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

/**
 * Makes a file of the storage's own with a text in it, for its owner alone where the disk has modes. (The
 * runtime's own functions set a mode by itself once more, which a disk without modes refuses.)
 *
 * @param options.flushes Whether to the disk as well; not by default.
 * @throws {Deno.errors.AlreadyExists} Something has the name.
 */
export function writeOwnFile(path: string, text: string, { flushes = false } = {}): void {
  using file = Deno.openSync(path, { write: true, createNew: true, mode: 0o600 });
  const bytes = new TextEncoder().encode(text);
  for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
  if (flushes) file.syncSync();
}
