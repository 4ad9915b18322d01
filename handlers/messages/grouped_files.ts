/** How many files may wait in groups to be flushed, of all requests of a process, and of how many bytes. */
const MOST_FILES = 1024;
const MOST_BYTES = 32 * 1024 * 1024;

/**
 * How much waits in groups, in all of a process: each file has a descriptor and a copy of its bytes for as long. Where
 * that is much, groups are stored as they are, so that each request has a file or two more at the most.
 */
export class GroupedFiles {
  #files = 0;
  #bytes = 0;

  /** Whether no more are to wait for others. */
  get full(): boolean {
    return this.#files >= MOST_FILES || this.#bytes >= MOST_BYTES;
  }

  add(bytes: number): void {
    this.#files++;
    this.#bytes += bytes;
  }

  remove(files: number, bytes: number): void {
    this.#files -= files;
    this.#bytes -= bytes;
  }
}
