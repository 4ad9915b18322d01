import { libc } from "../libraries/libc.ts";

const utf8 = new TextEncoder();

/**
 * Writes something to a file beside its bytes, which stays with it when it is given another name.
 *
 * @param name Begins with `user.`.
 * @returns Whether it is done: not every file system can, and not every file lets this process.
 */
export function setAttribute(path: string, name: string, value: Uint8Array<ArrayBuffer>): boolean {
  const [pathBytes, nameBytes] = [utf8.encode(`${path}\0`), utf8.encode(`${name}\0`)];
  return libc.setxattr(pathBytes, nameBytes, value, BigInt(value.length), 0) === 0;
}

/**
 * Reads what {@linkcode setAttribute} has written.
 *
 * @param length How many bytes that were.
 * @returns `undefined` if there is none, or one of another length.
 */
export function getAttribute(
  path: string,
  name: string,
  length: number,
): Uint8Array<ArrayBuffer> | undefined {
  const value = new Uint8Array(length + 1);
  const [pathBytes, nameBytes] = [utf8.encode(`${path}\0`), utf8.encode(`${name}\0`)];
  const count = libc.getxattr(pathBytes, nameBytes, value, BigInt(value.length));
  return Number(count) === length ? value.subarray(0, length) : undefined;
}
