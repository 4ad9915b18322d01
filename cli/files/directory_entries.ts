/** What an entry of a directory is. */
export const Kind = { file: "f", directory: "d", link: "l", other: "o" } as const;

/** One of the kinds of {@linkcode Kind}. */
export type Kind = typeof Kind[keyof typeof Kind];

/**
 * The entries of a directory, in the order of their names. Each is one text, its kind behind its name: some
 * hundred thousand of these take little memory, and a sixth of the time to be sorted.
 */
export type Entries = readonly string[];

/** No name has it, and it comes before all that names have: so they are in the names' order. */
const SEPARATOR = "\0";

/** Reads a directory. */
export async function readEntries(path: string): Promise<Entries> {
  const entries: string[] = [];
  for await (const entry of Deno.readDir(path)) entries.push(entryOf(entry.name, kindOf(entry)));
  return entries.sort();
}

/** What stands for an entry. */
export function entryOf(name: string, kind: Kind): string {
  return name + SEPARATOR + kind;
}

/** Name and kind of each entry. */
export function* eachOf(entries: Entries): Generator<[name: string, kind: Kind]> {
  for (const entry of entries) yield [entry.slice(0, -2), entry.at(-1) as Kind];
}

function kindOf({ isFile, isDirectory, isSymlink }: Deno.DirEntry): Kind {
  if (isFile) return Kind.file;
  if (isDirectory) return Kind.directory;
  return isSymlink ? Kind.link : Kind.other;
}
