/** Every region begins at a multiple of this, in bytes, and is twice as long: any piece of up to this length is in one. */
const STEP = 4 * 1024 * 1024;
const STEP_BITS = BigInt(Math.log2(STEP));

/** How many regions are looked at again without a new view. */
const MOST_REGIONS = 16;

/** A region that was not looked at for so many pieces is given up for another. */
const STALE_AFTER = 64;

interface Region {
  readonly memory: ArrayBuffer;
  usedAt: number;
}

/**
 * Views of pieces of native memory, as parts of larger views that are made once.
 *
 * To V8, a view of native memory is memory like any other: for each 64 MB of views it looked through the whole
 * heap for garbage, which took a tenth of an upload's processor time. A region may be longer than what is
 * allocated there, and outlive it: nothing but the pieces that were asked for is ever looked at.
 */
export class NativeViews {
  readonly #regions = new Map<bigint, Region>();
  #pieces = 0;

  /** A piece of native memory, valid for as long as that is. @param address Not zero. */
  at(address: bigint, length: number): Uint8Array<ArrayBuffer> {
    if (length > STEP) return new Uint8Array(viewOf(address, length));
    const base = address >> STEP_BITS << STEP_BITS;
    this.#pieces++;
    const region = this.#regions.get(base) ?? this.#add(base);
    if (region === undefined) return new Uint8Array(viewOf(address, length));
    region.usedAt = this.#pieces;
    return new Uint8Array(region.memory, Number(address - base), length);
  }

  /** @returns `undefined` if there are enough, all of them in use. */
  #add(base: bigint): Region | undefined {
    if (base === 0n) return undefined;
    if (this.#regions.size === MOST_REGIONS && !this.#dropStale()) return undefined;
    const region = { memory: viewOf(base, 2 * STEP), usedAt: this.#pieces };
    this.#regions.set(base, region);
    return region;
  }

  #dropStale(): boolean {
    for (const [base, { usedAt }] of this.#regions) {
      if (this.#pieces - usedAt > STALE_AFTER) return this.#regions.delete(base);
    }
    return false;
  }
}

function viewOf(address: bigint, length: number): ArrayBuffer {
  const pointer = Deno.UnsafePointer.create(address);
  if (pointer === null) throw new TypeError("Cannot look at memory at no address");
  return Deno.UnsafePointerView.getArrayBuffer(pointer, length);
}
