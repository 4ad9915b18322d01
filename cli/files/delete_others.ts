import { DeletionRefusedError } from "../errors.ts";
import type { Entry, Pair } from "./side_by_side.ts";

/** What is to be removed at the one end, as the other has nothing like it. */
export interface Doomed<Other> {
  others: Other[];
  /** Directories of the other end with nothing in them, which go with the last file that is removed in them. */
  emptied: string[];
}

/**
 * Finds what the one tree has not, before anything is removed.
 *
 * @param isKept Whether something is to stay all the same.
 * @throws {DeletionRefusedError} The one tree has nothing, or not all of it can be read; or there is too much
 * to be removed.
 */
export async function findOthers<One extends Entry & { problem?: unknown }, Other extends Entry>(
  pairs: AsyncIterable<Pair<One, Other>>,
  maxDelete: number,
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
  refuseTooMany(count, maxDelete);
  return doomed;
}

/** @throws {DeletionRefusedError} More would be removed than may be. */
export function refuseTooMany(count: number, maxDelete: number): void {
  if (count <= maxDelete) return;
  throw new DeletionRefusedError(
    `Nothing is removed: it would be ${count}, and --max-delete allows ${maxDelete}`,
  );
}
