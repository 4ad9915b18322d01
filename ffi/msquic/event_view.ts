import { copyMemory } from "../memory/copy_memory.ts";

/** One of MsQuic's events, copied: to read a field of the copy costs next to nothing. */
export class EventView {
  readonly #copy: DataView<ArrayBuffer>;
  readonly #size: bigint;

  /** @param size Of its struct, in bytes. */
  constructor(size: number) {
    this.#copy = new DataView(new ArrayBuffer(size));
    this.#size = BigInt(size);
  }

  /** Reads the event at `address`. */
  load(address: bigint): void {
    copyMemory(this.#copy, address, this.#size);
  }

  getUint8(offset: number): number {
    return this.#copy.getUint8(offset);
  }

  getUint16(offset: number): number {
    return this.#copy.getUint16(offset, true);
  }

  getUint32(offset: number): number {
    return this.#copy.getUint32(offset, true);
  }

  getBigUint64(offset: number): bigint {
    return this.#copy.getBigUint64(offset, true);
  }

  getPointer(offset: number): Deno.PointerValue {
    return Deno.UnsafePointer.create(this.getBigUint64(offset));
  }
}

/**
 * The events that MsQuic waits for the handling of: one, or, where what is called in one brings another,
 * some inside of each other.
 */
export class EventViews {
  readonly #size: number;
  readonly #views: EventView[] = [];
  #depth = 0;

  /** @param size Of the events' struct, in bytes. */
  constructor(size: number) {
    this.#size = size;
  }

  /** The event at `address`, valid until {@linkcode EventViews.leave}. */
  enter(address: bigint): EventView {
    const view = this.#views[this.#depth++] ??= new EventView(this.#size);
    view.load(address);
    return view;
  }

  /** The one that was entered last is handled. */
  leave(): void {
    this.#depth--;
  }
}
