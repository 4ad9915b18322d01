/** A zeroed struct of `size` bytes, aligned to 8. */
export function allocStruct(size: number): DataView<ArrayBuffer> {
  return new DataView(new BigUint64Array(Math.ceil(size / 8)).buffer, 0, size);
}

/** A NUL-terminated copy of `text` in UTF-8. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text + "\0");
}

/**
 * Memory that structs point to, kept from being collected until the call that reads it is over.
 * An address alone does not keep it.
 */
export class NativeScope implements Disposable {
  readonly #held: (DataView<ArrayBuffer> | Uint8Array<ArrayBuffer>)[] = [];

  /** The address of `memory`, valid until the scope ends. */
  address(memory: DataView<ArrayBuffer> | Uint8Array<ArrayBuffer>): bigint {
    this.#held.push(memory);
    return Deno.UnsafePointer.value(Deno.UnsafePointer.of(memory));
  }

  /** The address of a NUL-terminated copy of `text`. */
  cString(text: string): bigint {
    return this.address(cString(text));
  }

  [Symbol.dispose](): void {
    this.#held.length = 0;
  }
}

/** Where a function writes the handle that it opens. */
export class HandleOut {
  readonly buffer = new BigUint64Array(1);

  /** The handle that was written. */
  get pointer(): Deno.PointerValue {
    return Deno.UnsafePointer.create(this.buffer[0]!);
  }
}
