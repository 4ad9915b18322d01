/** All pieces as one. */
export function concat(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const whole = new Uint8Array(length);
  copyInto(whole, pieces);
  return whole;
}

/**
 * Copies pieces one behind the other.
 *
 * @param at Where in `target` the first begins.
 * @returns Where the last ends.
 * @throws {RangeError} If there is no room.
 */
export function copyInto(target: Uint8Array, pieces: readonly Uint8Array[], at = 0): number {
  for (const piece of pieces) {
    target.set(piece, at);
    at += piece.length;
  }
  return at;
}
