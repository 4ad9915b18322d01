import { DeletionRefusedError } from "../errors.ts";
import type { Entry, Pair } from "./side_by_side.ts";

/** What is to be removed at the one end, as the other has nothing like it. */
export interface Doomed<Other> {
  others: Other[];
  /** Directories of the other end with nothing in them, which go with the last file that is removed in them. */
  emptied: string[];
}

/**
 * Finds what is to be removed in several trees, before anything is removed in any of them.
 *
 * @param find Finds it in one, and says of each directory that the server cannot read.
 * @throws {DeletionRefusedError} There is one, or there is too much to be removed.
 */
export async function findAllOthers<Tree, Other>(
  trees: readonly Tree[],
  maxDelete: number,
  find: (tree: Tree, onUnreadable: (directory: string) => void) => Promise<Doomed<Other>>,
): Promise<Doomed<Other>> {
  let isWhole = true;
  const all: Doomed<Other> = { others: [], emptied: [] };
  for (const tree of trees) {
    const { others, emptied } = await find(tree, () => isWhole = false);
    all.others = all.others.concat(others);
    all.emptied = all.emptied.concat(emptied);
  }
  if (!isWhole) {
    throw new DeletionRefusedError("Nothing is removed, as the server cannot read all it has");
  }
  refuseTooMany(all.others.length, maxDelete);
  return all;
}

/**
 * Finds what the one tree has not. A directory with nothing in it stays where the one has anything below it.
 *
 * @param isKept Whether something is to stay all the same.
 * @throws {DeletionRefusedError} The one tree has nothing, or not all of it can be read.
 */
export async function findOthers<One extends Entry & { problem?: unknown }, Other extends Entry>(
  pairs: AsyncIterable<Pair<One, Other>>,
  isKept: (other: Other) => boolean,
): Promise<Doomed<Other>> {
  const doomed: Doomed<Other> = { others: [], emptied: [] };
  let empty = "";
  let there = false;
  for await (const [one, other] of pairs) {
    if (one?.problem !== undefined) {
      throw new DeletionRefusedError("Nothing is removed, as not all can be read that may be kept");
    }
    there ||= one !== undefined && !one.directory;
    if (one?.directory) empty = one.name;
    // What is below a directory comes right behind it.
    if (one !== undefined && isBelow(one, doomed.others.at(-1))) doomed.others.pop();
    if (one !== undefined || other === undefined || isKept(other)) continue;
    doomed.others.push(other);
    if (empty !== "" && other.name.startsWith(`${empty}/`) && doomed.emptied.at(-1) !== empty) {
      doomed.emptied.push(empty);
    }
  }
  const count = doomed.others.length;
  if (!there && count > 0) {
    throw new DeletionRefusedError(
      `Nothing is removed, as that would be everything: there is no file to be kept (${count} are there)`,
    );
  }
  return doomed;
}

function isBelow(one: Entry, other: Entry | undefined): boolean {
  return other?.directory === true && one.name.startsWith(`${other.name}/`);
}

/** @throws {DeletionRefusedError} More would be removed than may be. */
export function refuseTooMany(count: number, maxDelete: number): void {
  if (count <= maxDelete) return;
  throw new DeletionRefusedError(
    `Nothing is removed: it would be ${count}, and --max-delete allows ${maxDelete}`,
  );
}
