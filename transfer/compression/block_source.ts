import { orAborted } from "../../base/waiting.ts";
import {
  BLOCK_HEADER_LENGTH,
  type BlockHeader,
  decodeBlockHeader,
  MAX_BLOCK_LENGTH,
} from "../../protocol/blocks.ts";
import type { ByteSource, ReadOptions } from "../../protocol/byte_source.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import type { MessageReader } from "../../protocol/message_reader.ts";
import type { Tasks } from "../../tasks/tasks.ts";
import { BlockCoder } from "./coder.ts";

/** Memory that it takes at most, in bytes: of two blocks, as they come and as they were. */
const MEMORY_BYTES = 4 * MAX_BLOCK_LENGTH;

/** What comes next: bytes that follow as they are, or some that are being decompressed. */
type Next = { readonly bare: number } | { readonly bytes: Promise<Uint8Array> };

/**
 * What was in the blocks that a `BlockSink` has sent. Bytes that come as they are are handed on without a
 * copy; others are decompressed, while the next block comes.
 */
export class BlockSource implements ByteSource {
  readonly #reader: MessageReader;
  readonly #coder: BlockCoder;
  /** How much is left of a block whose bytes come as they are. */
  #bare = 0;
  #next: Promise<Next | undefined> | undefined;
  #ended = false;
  #holds = false;
  #wireBytes = 0;
  #waitedMs = 0;

  /** @param reader Whose raw bytes are such blocks, up to their end. */
  constructor(reader: MessageReader, tasks: Tasks) {
    this.#reader = reader;
    this.#coder = new BlockCoder(tasks);
  }

  /** How many bytes have come for those that were read, so far. */
  get wireBytes(): number {
    return this.#wireBytes;
  }

  /** For how long decompressing had to be waited for, in milliseconds. */
  get waitedMs(): number {
    return this.#waitedMs;
  }

  get exhausted(): boolean {
    return this.#ended;
  }

  hold(bytes: number): void {
    this.#reader.hold(bytes);
  }

  /** @throws {ProtocolError} `bad-block`, `size-mismatch`: not what a block may be, or only a part of it. */
  read(options: ReadOptions = {}): Promise<Uint8Array | null> {
    return this.#bare > 0 ? this.#readBare(options) : this.#readNext(options);
  }

  async #readBare(options: ReadOptions): Promise<Uint8Array> {
    const chunk = await this.#reader.readSome(this.#bare, options);
    if (chunk === null) {
      const message = `Stream ended ${this.#bare} bytes before the end of a block`;
      throw new ProtocolError("size-mismatch", message);
    }
    this.#bare -= chunk.length;
    return chunk;
  }

  async #readNext(options: ReadOptions): Promise<Uint8Array | null> {
    if (this.#ended) return null;
    // Where the signal aborts, the block is for the next call.
    const next = await orAborted(this.#next ??= this.#begin(), options.signal);
    this.#next = undefined;
    if (next === undefined) {
      this.#ended = true;
      return null;
    }
    if ("bare" in next) {
      this.#bare = next.bare;
      return await this.#readBare(options);
    }
    this.#next = this.#begin();
    this.#next.catch(() => {}); // looked at in its turn
    const since = performance.now();
    const bytes = await next.bytes;
    this.#waitedMs += performance.now() - since;
    return bytes;
  }

  /** The next block, if there is one: the beginning of what comes as it is, or all of what does not. */
  async #begin(): Promise<Next | undefined> {
    const head = await this.#reader.readUnlessEnded(BLOCK_HEADER_LENGTH);
    if (head === undefined) return undefined;
    const header = decodeBlockHeader(head);
    this.#wireBytes += BLOCK_HEADER_LENGTH + header.sent;
    if (header.sent === header.length) return { bare: header.length };
    const bytes = this.#coder.decompress(await this.#readFrame(header), header);
    bytes.catch(() => {}); // looked at in its turn
    return { bytes };
  }

  async #readFrame({ sent }: BlockHeader): Promise<Uint8Array<SharedArrayBuffer>> {
    if (!this.#holds) this.hold(MEMORY_BYTES);
    this.#holds = true;
    const memory = this.#coder.memoryFor(sent);
    let filled = 0;
    for await (const chunk of this.#reader.chunks(sent)) {
      memory.set(chunk, filled);
      filled += chunk.length;
    }
    return memory;
  }
}
