import { FileExistsError } from "../errors.ts";
import { isGone } from "./absence.ts";
import type { Held } from "./held.ts";

/**
 * The name of what a directory has under `name`, where it is called otherwise: a disk that ignores case, or
 * how characters are composed, finds it by both.
 *
 * @returns `undefined` if nothing has the name, or if it is called just so.
 */
export async function otherName(directory: Held, name: string): Promise<string | undefined> {
  if (!mayHaveOtherName(directory, name)) return undefined;
  let other: string | undefined;
  for await (const entry of Deno.readDir(directory.path)) {
    if (entry.name === name) return undefined;
    if (keyOf(entry.name) === keyOf(name)) other = entry.name;
  }
  return other;
}

/**
 * Whether what a directory has under a name may be called otherwise. Takes some looks of microseconds, and
 * knows for sure only that it is not.
 */
export function mayHaveOtherName(directory: Held, name: string): boolean {
  const here = identityOf(directory, name);
  if (here === undefined) return false;
  return alike(name).some((other) => identityOf(directory, other) === here);
}

/**
 * Refuses a name of which a part belongs to something that is called otherwise: what is stored would not be
 * found under its own name. Also one that the disk cannot have, before what is stored has come.
 *
 * @throws {FileExistsError}
 * @throws An error with the operating system's code, as `ENAMETOOLONG`.
 */
export async function refuseOtherNames(top: Held, segments: readonly string[]): Promise<void> {
  using stack = new DisposableStack();
  let at = top;
  for (const [index, segment] of segments.entries()) {
    const other = await otherName(at, segment);
    if (other !== undefined) throw takenBy(segments, index, other);
    if (index === segments.length - 1) return;
    try {
      at = stack.use(at.openBelow(segment, "directory"));
    } catch (error) {
      if (!isGone(error)) throw error;
      return tryNames(at, segments.slice(index + 1));
    }
  }
}

/** Whether names could be there, which nobody has yet. @throws As `ENAMETOOLONG`. */
function tryNames(directory: Held, names: readonly string[]): void {
  for (const name of names) {
    try {
      directory.statEntry(name);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
}

function takenBy(segments: readonly string[], index: number, other: string): FileExistsError {
  const there = [...segments.slice(0, index), other].join("/");
  return new FileExistsError(
    `Cannot store "${
      segments.join("/")
    }": the server's disk takes it for "${there}", which is there`,
  );
}

/** Other spellings of a name, of which a disk takes at least one for it that ignores case, or form. */
function alike(name: string): string[] {
  const swapped = name.replaceAll(
    /[A-Za-z]/g,
    (letter) => letter < "a" ? letter.toLowerCase() : letter.toUpperCase(),
  );
  const spellings = [
    swapped,
    // Where there are no letters of ASCII.
    ...(swapped === name ? [name.toUpperCase(), name.toLowerCase()] : []),
    name.normalize("NFC"),
    name.normalize("NFD"),
  ];
  return spellings.filter((spelling) => spelling !== name);
}

function keyOf(name: string): string {
  return name.normalize("NFC").toUpperCase().normalize("NFC");
}

/** What tells an entry from others; `undefined` if nothing has the name. */
function identityOf(directory: Held, name: string): string | undefined {
  try {
    const { dev, ino } = directory.statEntry(name);
    return `${dev}:${ino}`;
  } catch {
    return undefined; // also what cannot be a name on this disk
  }
}
