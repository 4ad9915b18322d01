import { errno, libc } from "../libraries/libc.ts";

/** Value of errno.h; the same for x86-64 and ARM64. */
const EOPNOTSUPP = 95;

const utf8 = new TextEncoder();
const utf8Decoder = new TextDecoder();

/** For a call on this thread: it is over before the next one needs the memory. */
const scratch = new Uint8Array(4096);

/** The name of something that files can have beside their bytes, which stays with them under any name. */
export type AttributeName = Uint8Array<ArrayBuffer>;

/** What is read of a file together with its bytes. */
export interface WantedAttribute {
  readonly name: AttributeName;
  /** Takes it. */
  readonly value: Uint8Array<ArrayBuffer>;
  /** How many bytes there are of it by then; -1 for none, or for more than fit. */
  length: number;
}

/** @param name Begins with `user.`. */
export function attributeName(name: string): AttributeName {
  return utf8.encode(`${name}\0`);
}

/** @returns Whether it is done: not every file system can, and not every file lets this process. */
export function setAttribute(
  path: string,
  name: AttributeName,
  value: Uint8Array<ArrayBuffer>,
): boolean {
  return libc.setxattr(cString(path), name, value, BigInt(value.length), 0) === 0;
}

/**
 * Reads what {@linkcode setAttribute} has written.
 *
 * @param maxLength How many bytes that may be.
 * @returns `undefined` if there is none, or one that is longer.
 */
export function getAttribute(
  path: string,
  name: AttributeName,
  maxLength: number,
): Uint8Array<ArrayBuffer> | undefined {
  const value = new Uint8Array(maxLength);
  const count = Number(libc.getxattr(cString(path), name, value, BigInt(maxLength)));
  return count < 0 ? undefined : value.subarray(0, count);
}

/** Reads one of an open file. */
export function readAttribute(descriptor: number, wanted: WantedAttribute): void {
  const { name, value } = wanted;
  wanted.length = Number(libc.fgetxattr(descriptor, name, value, BigInt(value.length)));
}

/** Takes away what {@linkcode setAttribute} has written. @returns Whether there was something. */
export function removeAttribute(path: string, name: AttributeName): boolean {
  return libc.removexattr(cString(path), name) === 0;
}

/**
 * Reads a text that {@linkcode setAttribute} has written.
 *
 * @param maxLength It is no longer, in bytes.
 * @returns `undefined` if there is none, or a longer one.
 */
export function getText(path: string, name: AttributeName, maxLength: number): string | undefined {
  const value = new Uint8Array(maxLength + 1);
  const count = Number(libc.getxattr(cString(path), name, value, BigInt(value.length)));
  return count < 0 || count > maxLength ? undefined : utf8Decoder.decode(value.subarray(0, count));
}

/** Whether the file system of a directory has them. */
export function attributesSupported(directory: string, name: AttributeName): boolean {
  const value = new Uint8Array(1);
  const count = Number(libc.getxattr(cString(directory), name, value, 1n));
  return count >= 0 || errno() !== EOPNOTSUPP;
}

function cString(text: string): Uint8Array<ArrayBuffer> {
  // A character takes three bytes at most.
  if (text.length >= scratch.length / 3) return utf8.encode(`${text}\0`);
  const { written } = utf8.encodeInto(text, scratch);
  scratch[written] = 0;
  return scratch;
}
