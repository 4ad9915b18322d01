import { BlockPool } from "../memory/block_pool.ts";
import { ByteSlab } from "../memory/byte_slab.ts";
import { Buffer as BufferLayout } from "./abi/mod.ts";

const SLOTS_PER_PAGE = 256;

/** Who is told how a send has ended. */
export type Completion = Pick<PromiseWithResolvers<void>, "resolve" | "reject">;

/** A send under way: its bytes stay where they are until MsQuic says that it is done with them. */
interface Slot {
  readonly page: DataView;
  readonly offset: number;
  readonly pointer: Deno.PointerValue;
  data: Uint8Array | undefined;
  completion: Completion | undefined;
}

/** How long a copy may be that is made into memory that is used again. */
const BLOCK_BYTES = 8 * 1024;

/** Buffers up to this size are kept by the one that was looked up last. */
const SMALL_BUFFER = 512 * 1024;

/**
 * The `QUIC_BUFFER`s of the sends under way, which MsQuic reads until SEND_COMPLETE. A slot also
 * keeps the bytes from being collected, and knows whom to tell.
 */
export class SendSlots {
  readonly #slots: Slot[] = [];
  readonly #free: number[] = [];
  readonly #blocks = new BlockPool(BLOCK_BYTES);
  readonly #slab = new ByteSlab();
  #lastBuffer: ArrayBufferLike | undefined;
  #lastAddress = 0n;

  /**
   * Takes a slot for `data` and returns its number, which is also the send's context.
   *
   * @param completion Is settled when the send is done.
   * @throws {TypeError} The memory of `data` was transferred to somebody else.
   */
  take(data: Uint8Array, completion: Completion): number {
    // First what may throw: a slot that is taken is given back only by its number.
    const address = this.#address(data.buffer) + BigInt(data.byteOffset);
    if (this.#free.length === 0) this.#addPage();
    const id = this.#free.pop()!;
    const slot = this.#slots[id]!;
    slot.data = data;
    slot.completion = completion;
    slot.page.setUint32(slot.offset + BufferLayout.Length, data.length, true);
    slot.page.setBigUint64(slot.offset + BufferLayout.Buffer, address, true);
    return id;
  }

  /** As {@linkcode take}, with a copy of `data`. */
  takeCopy(data: Uint8Array, completion: Completion): number {
    const copy = this.#blocks.take(data.length) ?? this.#slab.take(data.length);
    copy.set(data);
    return this.take(copy, completion);
  }

  /** Where the `QUIC_BUFFER` of a slot is. */
  pointer(id: number): Deno.PointerValue {
    return this.#slots[id]!.pointer;
  }

  /** Gives a slot back: the send is done, or did not happen because of `error`. */
  release(id: number, error?: Error): void {
    const slot = this.#slots[id];
    if (slot?.data === undefined) return;
    const { data, completion } = slot;
    this.#blocks.giveBack(data);
    slot.data = slot.completion = undefined;
    this.#free.push(id);
    if (error === undefined) completion?.resolve();
    else completion?.reject(error);
  }

  // Asking costs 0.3 µs, and what is sent often lies in one slab.
  #address(buffer: ArrayBufferLike): bigint {
    if (buffer === this.#lastBuffer) return this.#lastAddress;
    const address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(buffer as ArrayBuffer));
    if (buffer.byteLength <= SMALL_BUFFER) {
      this.#lastBuffer = buffer;
      this.#lastAddress = address;
    }
    return address;
  }

  #addPage(): void {
    const page = new DataView(new BigUint64Array(SLOTS_PER_PAGE * BufferLayout.size / 8).buffer);
    const base = Deno.UnsafePointer.of(page);
    for (let i = SLOTS_PER_PAGE - 1; i >= 0; i--) {
      const offset = i * BufferLayout.size;
      const id = this.#slots.length;
      this.#slots.push({
        page,
        offset,
        pointer: base === null ? null : Deno.UnsafePointer.offset(base, offset),
        data: undefined,
        completion: undefined,
      });
      this.#free.push(id);
    }
  }
}
