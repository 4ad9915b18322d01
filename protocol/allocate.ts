/** Gives memory of `length` bytes, with any content, for the one who asks alone. */
export type Allocate = (length: number) => Uint8Array;

/** Memory of its own for each. */
export function newMemory(length: number): Uint8Array {
  return new Uint8Array(length);
}
