import { counted } from "../../base/counted.ts";
import { FilePermissionError } from "../../transfer/mod.ts";

/** What a server's lists have left out. */
export interface Unreadable {
  /** Takes a directory that it cannot read. */
  readonly note: (directory: string) => void;
  /** @throws {FilePermissionError} There was one. */
  check(): void;
}

/** Notes each directory that a server cannot read, and keeps in mind that something is missing. */
export function noteUnreadable(note: (text: string) => void): Unreadable {
  let count = 0;
  return {
    note(directory) {
      count++;
      note(`The server cannot read its directory "${directory}": what is in it is left out`);
    },
    check() {
      if (count === 0) return;
      const what = counted(count, "directory", "directories");
      throw new FilePermissionError(`Something is missing: the server cannot read ${what}`);
    },
  };
}
