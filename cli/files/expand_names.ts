import type { Client } from "../../client/mod.ts";
import { FileNotFoundError } from "../../transfer/mod.ts";
import { isPattern, literalPrefix, namePattern } from "../../base/name_pattern.ts";

/** A name that was typed, or a file's that a pattern which was typed matches. */
export interface Named {
  name: string;
  /** Why there is none. */
  problem?: unknown;
}

/**
 * The names that are meant: those typed, and in place of each pattern those of the files that it matches, as
 * they are found.
 *
 * @param onUnreadable Is told of each directory that the server cannot read, in which there may be more.
 */
export async function* expandNames(
  client: Client,
  typed: readonly string[],
  signal: AbortSignal,
  onUnreadable: (directory: string) => void,
): AsyncGenerator<Named> {
  for (const name of typed) {
    if (!isPattern(name)) {
      yield { name };
      continue;
    }
    const pattern = namePattern(name);
    let found = false;
    for await (const entry of client.list(literalPrefix(name), { signal, onUnreadable })) {
      if (!pattern.test(entry.name)) continue;
      found = true;
      yield { name: entry.name };
    }
    if (!found) yield { name, problem: new FileNotFoundError(`No file matches "${name}"`) };
  }
}
