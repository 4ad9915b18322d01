import {
  type BlockHeader,
  encodeBlockHeader,
  MAX_BLOCK_LENGTH,
  type WantedCompression,
} from "../../protocol/blocks.ts";
import type { Tasks } from "../../tasks/tasks.ts";
import type { ByteSink } from "../byte_sink.ts";
import { GENEROUS, type SendLender } from "../download/send_budget.ts";
import { Gate } from "../gate.ts";
import { BlockCoder } from "./coder.ts";
import { CompressionChoice } from "./compression_choice.ts";
import { ContentWatch, isWorth } from "./content_watch.ts";
import { PathWatch } from "./path_watch.ts";

/** How many blocks of a stream are compressed at once, or wait for that, at most. */
const BLOCKS_AT_ONCE = 3;

/** What is shorter, in bytes, goes as it is. */
const LEAST_LENGTH = 512;

/** How a {@linkcode BlockSink} compresses. */
export interface BlockSinkOptions {
  /** Where. */
  tasks: Tasks;
  /** `auto`: where it pays. `zstd`: whatever becomes smaller. */
  mode: WantedCompression;
  /** How many bytes will be sent in all, if that is known: what goes as it is then goes in longer blocks. */
  length?: number;
  /** Lends the memory; as much as is wanted by default. */
  lender?: SendLender;
}

/**
 * A sink of bytes that go to another one in blocks, each compressed by itself, or as it is where that does not
 * pay. What is sent by one call is one block, or several of 1 MiB, in the order of the calls; what goes as it is
 * may be one block over several calls.
 *
 * Takes up to three blocks of memory besides what it is given, and holds what is compressed until it has been
 * sent. Where that is not lent, blocks go as they are.
 */
export class BlockSink implements ByteSink {
  readonly #sink: ByteSink;
  readonly #always: boolean;
  readonly #lender: SendLender;
  readonly #coder: BlockCoder;
  readonly #choice: CompressionChoice;
  readonly #content = new ContentWatch();
  readonly #path = new PathWatch(now);
  readonly #gate = new Gate(BLOCKS_AT_ONCE);
  /** Resolves when all blocks so far have been handed over; `undefined` where none has to wait. */
  #order: Promise<void> | undefined;
  #aborted = false;
  /** How many bytes are still to come, if that is known; and to the end of the block that goes as it is. */
  #missing: number | undefined;
  #bare = 0;
  #bytes = 0;
  #wireBytes = 0;
  #waitedMs = 0;

  constructor(sink: ByteSink, { tasks, mode, lender = GENEROUS, length }: BlockSinkOptions) {
    this.#sink = sink;
    this.#missing = length;
    this.#always = mode === "zstd";
    this.#lender = lender;
    this.#coder = new BlockCoder(tasks);
    const { roundTripMs } = sink;
    this.#choice = new CompressionChoice({
      ...{ always: this.#always, path: this.#path },
      ...{ roundTripMs, now },
    });
  }

  /** How many bytes it has made of those that it was given, so far. */
  get wireBytes(): number {
    return this.#wireBytes;
  }

  /** For how long nothing was under way because blocks were being compressed, in milliseconds. */
  get waitedMs(): number {
    return this.#waitedMs;
  }

  /** As many bytes that are still to be compressed as come to what fills the path. */
  get idealBytes(): number {
    const ideal = this.#sink.idealBytes ?? 0;
    return this.#wireBytes === 0 ? ideal : Math.ceil(ideal * this.#bytes / this.#wireBytes);
  }

  get blocked(): ByteSink["blocked"] {
    return this.#sink.blocked;
  }

  async send(data: Uint8Array, { fin = false }: { fin?: boolean } = {}): Promise<void> {
    if (data.length === 0) return await this.#sendEnd(fin);
    const sends: Promise<void>[] = [];
    for (let at = 0; at < data.length;) {
      const block = data.subarray(at, at + (this.#bare > 0 ? this.#bare : MAX_BLOCK_LENGTH));
      at += block.length;
      const isLast = fin && at === data.length;
      sends.push(this.#bare > 0 ? this.#sendBare(block, isLast) : this.#sendBlock(block, isLast));
    }
    await (sends.length === 1 ? sends[0] : Promise.all(sends));
  }

  abort(errorCode?: number): void {
    this.#aborted = true;
    this.#sink.abort?.(errorCode);
  }

  async #sendEnd(fin: boolean): Promise<void> {
    await this.#order;
    await this.#sink.send(new Uint8Array(), { fin });
  }

  #sendBlock(block: Uint8Array, fin: boolean): Promise<void> {
    const before = this.#order;
    if (before === undefined && !this.#mayCompress(block)) {
      this.#bare = this.#bareLength(block);
      this.#sendHeader({ length: this.#bare, sent: this.#bare });
      return this.#sendBare(block, fin);
    }
    const sent = Promise.withResolvers<void>();
    sent.promise.catch(() => {}); // who sends looks at it in its turn
    const order = this.#sendInOrder(block, fin, before, sent).finally(() => {
      if (this.#order === order) this.#order = undefined;
    });
    this.#order = order;
    return sent.promise;
  }

  /** Sends a part, or all, of a block that goes as it is, and of which the other side has been told. */
  #sendBare(bytes: Uint8Array, fin: boolean): Promise<void> {
    this.#bare -= bytes.length;
    this.#count(bytes.length);
    return this.#pass(bytes, fin);
  }

  /** How many bytes are to go as they are from the start of a block on, which is not to be compressed. */
  #bareLength({ length }: Uint8Array): number {
    if (this.#missing === undefined || length < LEAST_LENGTH) return length;
    const wanted = this.#choice.level === undefined
      ? this.#choice.bareBytes
      : length + this.#content.untried(Infinity) * MAX_BLOCK_LENGTH;
    return Math.max(length, Math.min(wanted, this.#missing));
  }

  /** Never rejects: what goes wrong is told to who waits for the block. */
  async #sendInOrder(
    block: Uint8Array,
    fin: boolean,
    before: Promise<void> | undefined,
    { resolve, reject }: PromiseWithResolvers<void>,
  ): Promise<void> {
    try {
      const begun = now();
      // Whether to compress it was decided just now, if it is the first one that has to wait.
      const frame = await this.#compress(block, before !== undefined);
      await before;
      if (frame !== undefined) {
        const waitedMs = this.#path.idleSince(begun);
        this.#waitedMs += waitedMs;
        this.#choice.compressed(block.length, waitedMs);
      }
      const bytes = frame ?? block;
      this.#sendHeader({ length: block.length, sent: bytes.length });
      this.#count(block.length);
      this.#pass(bytes, fin).finally(() => {
        // Before anybody hears of it, who may be done then, and so is the lender.
        if (frame !== undefined) this.#lender.giveBack(block.length);
      }).then(resolve, reject);
    } catch (error) {
      reject(error);
    }
  }

  /** Whether a block is to be compressed; asked once for each. */
  #mayCompress(block: Uint8Array): boolean {
    if (block.length < LEAST_LENGTH || this.#choice.level === undefined) return false;
    return this.#content.untried(1) === 0;
  }

  /**
   * Compresses a block.
   *
   * @param asks Whether it is still to be decided.
   * @returns `undefined` where it is to go as it is. Else its memory is lent.
   */
  async #compress(block: Uint8Array, asks: boolean): Promise<Uint8Array | undefined> {
    using _place = await this.#gate.enter();
    if (this.#aborted || (asks && !this.#mayCompress(block))) return undefined;
    const level = this.#choice.level;
    if (level === undefined || !this.#lender.lend(block.length)) return undefined;
    let frame: Uint8Array | undefined;
    try {
      if (await this.#isPromising(block)) frame = await this.#tried(block, level);
    } finally {
      if (frame === undefined) this.#lender.giveBack(block.length);
    }
    return frame;
  }

  async #tried(block: Uint8Array, level: number): Promise<Uint8Array | undefined> {
    const frame = await this.#coder.compress(block, level);
    const worth = frame !== undefined && isWorth(frame.length, block.length);
    // Where there was no thread in time, the next ones do not wait for one either.
    if (!this.#always || frame === undefined) this.#content.note(worth);
    return worth ? frame : undefined;
  }

  /** Whether a part of it becomes smaller, where the block before it has not. */
  async #isPromising(block: Uint8Array): Promise<boolean> {
    if (this.#always || !this.#content.doubtful) return true;
    const promising = isWorth(await this.#coder.tryPart(block), 1);
    if (!promising) this.#content.note(false);
    return promising;
  }

  /** What fails with it are the bytes behind it as well, which are what is waited for. */
  #sendHeader(header: BlockHeader): void {
    this.#pass(encodeBlockHeader(header), false).catch(() => {});
  }

  /** So many bytes of what was given are sent. */
  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#missing !== undefined) this.#missing -= bytes;
  }

  #pass(bytes: Uint8Array, fin: boolean): Promise<void> {
    const { length } = bytes;
    this.#wireBytes += length;
    this.#path.sent(length);
    return this.#sink.send(bytes, { fin }).finally(() => {
      this.#path.settled(length);
      this.#choice.arrived();
    });
  }
}

function now(): number {
  return performance.now();
}
