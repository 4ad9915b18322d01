import { Buffer as BufferLayout } from "./abi/mod.ts";

const SLOTS_PER_PAGE = 256;

/** A send under way: its bytes stay where they are until MsQuic says that it is done with them. */
interface Slot {
  readonly page: DataView;
  readonly offset: number;
  readonly pointer: Deno.PointerValue;
  data: Uint8Array | undefined;
  resolve: (() => void) | undefined;
  reject: ((reason: Error) => void) | undefined;
}

/**
 * The `QUIC_BUFFER`s of the sends under way, which MsQuic reads until SEND_COMPLETE. A slot also
 * keeps the bytes from being collected, and knows whom to tell.
 */
export class SendSlots {
  readonly #slots: Slot[] = [];
  readonly #free: number[] = [];

  /** Takes a slot for `data` and returns its number, which is also the send's context. */
  take(data: Uint8Array): number {
    if (this.#free.length === 0) this.#addPage();
    const id = this.#free.pop()!;
    const slot = this.#slots[id]!;
    slot.data = data;
    slot.page.setUint32(slot.offset + BufferLayout.Length, data.length, true);
    slot.page.setBigUint64(
      slot.offset + BufferLayout.Buffer,
      Deno.UnsafePointer.value(Deno.UnsafePointer.of(data as Uint8Array<ArrayBuffer>)),
      true,
    );
    return id;
  }

  /** Where the `QUIC_BUFFER` of a slot is. */
  pointer(id: number): Deno.PointerValue {
    return this.#slots[id]!.pointer;
  }

  /** A promise for the completion of the send in a slot. */
  completion(id: number): Promise<void> {
    const slot = this.#slots[id]!;
    return new Promise((resolve, reject) => {
      slot.resolve = resolve;
      slot.reject = reject;
    });
  }

  /** Gives a slot back: the send is done, or did not happen because of `error`. */
  release(id: number, error?: Error): void {
    const slot = this.#slots[id];
    if (slot?.data === undefined) return;
    const { resolve, reject } = slot;
    slot.data = slot.resolve = slot.reject = undefined;
    this.#free.push(id);
    if (error === undefined) resolve?.();
    else reject?.(error);
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
        resolve: undefined,
        reject: undefined,
      });
      this.#free.push(id);
    }
  }
}
