/**
 * Which of a directory's entries are wanted. Directories have a slash at the end of their names here: with
 * it they sort as the names of the files in them do, "a-b" before "a/b" before "a0".
 */
export interface NameRange {
  /** Only names that begin with it, or are the beginning of it. */
  readonly prefix: string;
  /** Only names behind it, and what may hold some. */
  readonly after: string;
}

/** What is wanted below a directory, whose name has a slash at the end. */
export function rangeBelow(directory: string, { prefix, after }: NameRange): NameRange {
  return {
    prefix: prefix.startsWith(directory) ? prefix.slice(directory.length) : "",
    after: after.startsWith(directory) ? after.slice(directory.length) : "",
  };
}

export function wantsFile(name: string, { prefix, after }: NameRange): boolean {
  return name > after && name.startsWith(prefix);
}

/** @param name With its slash. */
export function wantsDirectory(name: string, { prefix, after }: NameRange): boolean {
  const matches = name.startsWith(prefix) || prefix.startsWith(name);
  return matches && (name > after || after.startsWith(name));
}

/** The one directory, with its slash, that can hold what is wanted; `undefined` if there may be more. */
export function onlyDirectory({ prefix }: NameRange): string | undefined {
  const length = prefix.indexOf("/") + 1;
  return length === 0 ? undefined : prefix.slice(0, length);
}
