import { Pace } from "../storage/pace.ts";

/** How many bits a filter has: 2 MiB. */
const BITS = 2 ** 24;

/** Which hexadecimal digits of a key, itself a hash, each choose a bit. */
const PARTS = [0, 6, 12];
const PART_LENGTH = 6;

/** How much is read at a time, in bytes. */
const BLOCK_LENGTH = 256 * 1024;

/** Of what is in front of a receipt's hash: a line feed, the key, a space. */
const KEY_LENGTH = 32;
const HEAD_LENGTH = 1 + KEY_LENGTH + 1;

const LF = 10;
const SPACE = 32;

/**
 * Tells which receipts a file cannot have. That is what is asked for mostly: each upload to a name that is
 * taken asks whether it did so itself. A file that grows is read once, not again for each of them; of
 * 700,000 receipts that are not there, the filter takes one in 700 for one that may be.
 */
export class ReceiptFilter {
  readonly #bits = new Uint8Array(BITS / 8);
  /** Up to where the file was looked at. */
  #seen = 0;
  #reading: Promise<void> | undefined;

  /**
   * Whether a file may have a receipt for a key.
   *
   * @param file The same every time.
   */
  async mayHave(key: string, file: Deno.FsFile): Promise<boolean> {
    // Whoever reads already may have begun before the receipt was there.
    await this.#reading?.catch(() => {});
    await (this.#reading ??= this.#read(file).finally(() => this.#reading = undefined));
    return PARTS.every((part) => {
      const bit = parseInt(key.slice(part, part + PART_LENGTH), 16);
      return ((this.#bits[bit >> 3] ?? 0) & 1 << (bit & 7)) !== 0;
    });
  }

  async #read(file: Deno.FsFile): Promise<void> {
    const { size } = await file.stat();
    if (size < this.#seen) this.#forget();
    const bytes = new Uint8Array(Math.min(BLOCK_LENGTH, size - this.#seen));
    const pace = new Pace();
    while (size - this.#seen >= HEAD_LENGTH) {
      await file.seek(this.#seen, Deno.SeekMode.Start);
      const count = await file.read(bytes) ?? 0;
      if (count < HEAD_LENGTH) return;
      pace.resume();
      this.#note(bytes.subarray(0, count));
      // What begins behind is not here as a whole.
      this.#seen += count - HEAD_LENGTH + 1;
      if (pace.due) await pace.rest();
    }
  }

  #note(bytes: Uint8Array): void {
    const end = bytes.length - HEAD_LENGTH;
    for (let at = bytes.indexOf(LF); at >= 0 && at <= end; at = bytes.indexOf(LF, at + 1)) {
      if (bytes[at + HEAD_LENGTH - 1] !== SPACE) continue;
      for (const part of PARTS) {
        let bit = 0;
        for (let digit = 0; digit < PART_LENGTH; digit++) {
          bit = bit << 4 | valueOf(bytes[at + 1 + part + digit] ?? 0);
        }
        this.#bits[bit >> 3] = (this.#bits[bit >> 3] ?? 0) | 1 << (bit & 7);
      }
    }
  }

  #forget(): void {
    this.#bits.fill(0);
    this.#seen = 0;
  }
}

/** Of a hexadecimal digit in lower case; of anything else, what does no harm. */
function valueOf(code: number): number {
  return code < 58 ? code & 15 : code - 87 & 15;
}
