import { CHUNK_RECORD_LENGTH, type MessageReader, ProtocolError } from "../../protocol/mod.ts";

/** What a client tells of chunks, one behind the other: that they are there, and what all up to their end is. */
export class ChunkRecords {
  readonly #data: MessageReader;
  readonly #count: number;
  readonly #signal: AbortSignal | undefined;
  readonly #digests = new Map<number, Uint8Array>();
  /** Is told of each chunk that comes to be there. */
  onThere: (chunk: number) => void = () => {};

  /** @param count How many chunks there are. */
  constructor(data: MessageReader, count: number, signal: AbortSignal | undefined) {
    this.#data = data;
    this.#count = count;
    this.#signal = signal;
  }

  /**
   * Waits until a chunk is there.
   *
   * @returns The SHA-256 of all up to its end, as the client has it.
   * @throws {ProtocolError} `size-mismatch`: the client says no more.
   */
  async of(chunk: number): Promise<Uint8Array> {
    for (;;) {
      const digest = this.#digests.get(chunk);
      if (digest !== undefined) return digest;
      await this.#read();
    }
  }

  /** A chunk is wrong, and has to come again. */
  forget(chunk: number): void {
    this.#digests.delete(chunk);
  }

  async #read(): Promise<void> {
    const options = this.#signal === undefined ? {} : { signal: this.#signal };
    const record = await this.#data.readExactly(CHUNK_RECORD_LENGTH, options);
    const chunk = new DataView(record.buffer, record.byteOffset).getUint32(0);
    if (chunk >= this.#count) {
      throw new ProtocolError("bad-frame", `There is no chunk ${chunk} of ${this.#count}`);
    }
    const isNew = !this.#digests.has(chunk);
    this.#digests.set(chunk, record.subarray(4));
    if (isNew) this.onThere(chunk);
  }
}
