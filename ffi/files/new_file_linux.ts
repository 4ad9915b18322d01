import { libc } from "../libraries/libc.ts";
import type { AttributeName } from "./extended_attribute_linux.ts";
import { failure } from "./system_error.ts";

/** In the place of nanoseconds: the present time; the value of sys/stat.h. */
const UTIME_NOW = 0x3fffffff;

/** To begin to write what is not written yet: the value of linux/fs.h. */
const SYNC_FILE_RANGE_WRITE = 2;

const EIO = 5;

/** `struct timespec [2]`: accessed, modified; of seconds and nanoseconds. */
const timespecBytes = new Uint8Array(32);
const timespecs = new DataView(timespecBytes.buffer);
timespecs.setBigInt64(8, BigInt(UTIME_NOW), true);

/** Whether the system knows `sync_file_range`, which some sandboxes do not; `undefined` until it was asked. */
let writesOut: boolean | undefined;

/** A file that has just been made. What it does takes a system call each, on this thread. */
export class NewFile implements Disposable {
  readonly #number: number;
  readonly #name: string;
  #open = true;

  /** @param number Its descriptor, which it owns. */
  constructor(number: number, name: string) {
    this.#number = number;
    this.#name = name;
  }

  /** Is valid until this is closed. */
  get descriptor(): number {
    return this.#number;
  }

  /**
   * Appends some bytes.
   *
   * @throws {SystemError} As `ENOSPC`; some of them may be written by then.
   */
  writeSync(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) {
      // Shared memory would do as well, for which the call's type has no name.
      const rest = (done === 0 ? bytes : bytes.subarray(done)) as Uint8Array<ArrayBuffer>;
      const count = Number(libc.write(this.#number, rest, BigInt(rest.length)));
      if (count <= 0) throw failure(this.#name);
      done += count;
    }
  }

  /**
   * Sets when it was modified last; until then, and as when it was read last, it is now.
   *
   * @param time In milliseconds since 1970-01-01 UTC.
   * @throws {SystemError}
   */
  utimeSync(time: number): void {
    const seconds = Math.floor(time / 1000);
    timespecs.setBigInt64(16, BigInt(seconds), true);
    timespecs.setBigInt64(24, BigInt(Math.floor((time - seconds * 1000) * 1e6)), true);
    if (libc.futimens(this.#number, timespecBytes) !== 0) throw failure(this.#name);
  }

  /** Sets an attribute of it, where its file system has such a thing. */
  setAttribute(name: AttributeName, value: Uint8Array<ArrayBuffer>): void {
    libc.fsetxattr(this.#number, name, value, BigInt(value.length), 0);
  }

  /**
   * Has the disk begin to write its bytes, on another thread; it must not be closed meanwhile. Which place they have on
   * the disk is known then, and noted with the next commit of a journal. Where the system does not know that, nothing
   * is done.
   *
   * @throws {SystemError} `EIO`: it has failed; a flush need not say so again.
   */
  async writeOut(): Promise<void> {
    // To do nothing succeeds where there is such a call.
    writesOut ??= libc.sync_file_range(this.#number, 0n, 0n, 0) === 0;
    if (!writesOut) return;
    const result = await libc.sync_file_range_parked(this.#number, 0n, 0n, SYNC_FILE_RANGE_WRITE);
    if (result !== 0) throw failure(this.#name, EIO);
  }

  /**
   * Flushes it to the disk, on another thread; it must not be closed meanwhile.
   *
   * @throws {SystemError} `EIO`: why it failed, only the other thread knows.
   */
  async flush(): Promise<void> {
    if (await libc.fsync_parked(this.#number) !== 0) throw failure(this.#name, EIO);
  }

  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    libc.close(this.#number);
  }
}
