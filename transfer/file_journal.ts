import type { Hash } from "node:crypto";

/** What is written down of a file that is still coming. */
export interface FileJournal {
  /** @param hash Of the first `offset` bytes, to be copied. */
  reached(offset: number, hash: Hash): void;
}
