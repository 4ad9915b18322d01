/** What of an open file is used to read it. */
interface Seekable {
  read(buffer: Uint8Array): Promise<number | null>;
  seek(offset: number, whence: Deno.SeekMode): Promise<number>;
}

/**
 * An open file that is read at any place, by several at once: one after the other moves its position and does its
 * work. So they all mean the same file, whatever becomes of its name.
 */
export class PositionedReader {
  readonly #file: Seekable;
  #last: Promise<unknown> = Promise.resolve();

  /** @param file Nobody else may use its position meanwhile. It stays open. */
  constructor(file: Seekable) {
    this.#file = file;
  }

  /** Reads what there is at a place, up to the length of the buffer. @returns How many bytes; 0 at the end. */
  readAt(buffer: Uint8Array, position: number): Promise<number> {
    return this.inTurn(async () => {
      let filled = 0;
      await this.#file.seek(position, Deno.SeekMode.Start);
      while (filled < buffer.length) {
        const count = await this.#file.read(buffer.subarray(filled));
        if (count === null) break;
        filled += count;
      }
      return filled;
    });
  }

  /** Does something when nobody else uses the file's position. */
  protected inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }
}

/** One that is written to as well. */
export class PositionedFile extends PositionedReader {
  readonly #file: Deno.FsFile;

  constructor(file: Deno.FsFile) {
    super(file);
    this.#file = file;
  }

  /** Writes all of some bytes at a place; they are looked at until that is done. */
  writeAt(bytes: Uint8Array, position: number): Promise<void> {
    return this.inTurn(async () => {
      this.#file.seekSync(position, Deno.SeekMode.Start);
      for (let written = 0; written < bytes.length;) {
        written += await this.#file.write(bytes.subarray(written));
      }
    });
  }

  /** Makes it as long as that, in bytes. */
  truncate(length: number): Promise<void> {
    return this.inTurn(() => this.#file.truncate(length));
  }

  stat(): Promise<Deno.FileInfo> {
    return this.#file.stat();
  }
}
