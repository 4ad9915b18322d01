import assert from "node:assert/strict";
import { join } from "node:path";
import { readUnmixed } from "../../client/held_file.ts";
import { temporaryDirectory } from "../transfer/temporary.ts";

/** A file that somebody does something to whenever the beginning of it has been read. */
class Disturbed {
  readonly #file: Deno.FsFile;
  readonly #disturb: () => void;
  #isAtStart = true;

  constructor(file: Deno.FsFile, disturb: () => void) {
    this.#file = file;
    this.#disturb = disturb;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    const count = await this.#file.read(buffer);
    if (this.#isAtStart) this.#disturb();
    this.#isAtStart = false;
    return count;
  }

  seek(offset: number, whence: Deno.SeekMode): Promise<number> {
    this.#isAtStart = true;
    return this.#file.seek(offset, whence);
  }

  stat(): Promise<Deno.FileInfo> {
    return this.#file.stat();
  }
}

const LENGTH = 20_000;

Deno.test("readUnmixed() reads a file that somebody writes to again, and gives up on one that never rests", async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "file");
  const fill = (byte: number) => new Uint8Array(LENGTH).fill(byte);
  const write = (bytes: Uint8Array, time: number, append = false) => {
    Deno.writeFileSync(path, bytes, { append });
    Deno.utimeSync(path, time, time);
  };
  // How often it is written to, and how; what is read then.
  const cases: [number, (time: number) => void, Uint8Array | undefined][] = [
    [0, () => {}, fill(0)],
    [1, (time) => write(fill(time), time), fill(1)],
    [Infinity, (time) => write(new Uint8Array([9]), time, true), fill(0)],
    [Infinity, (time) => write(fill(time), time), undefined],
  ];
  for (const [times, change, expected] of cases) {
    write(fill(0), 0);
    using file = await Deno.open(path);
    let time = 0;
    const disturbed = new Disturbed(file, () => {
      if (time < times) change(++time);
    });
    const reading = readUnmixed(path, disturbed, await file.stat());
    if (expected === undefined) {
      await assert.rejects(reading, { code: "source-changed" });
      continue;
    }
    const { bytes, info } = await reading;
    assert.deepEqual(bytes.subarray(0, LENGTH), expected);
    assert.equal(info.mtime?.getTime(), times === 1 ? 1000 : 0);
  }
});
