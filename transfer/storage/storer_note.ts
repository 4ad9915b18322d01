import {
  attributeName,
  attributesSupported,
  getText,
  setAttribute,
} from "../../ffi/files/extended_attribute_linux.ts";

/** Where a file has the name of the token that it was stored by. */
const ATTRIBUTE = attributeName("user.msquicd.token");

/** The name of a token is no longer, in bytes. */
const MAX_LENGTH = 64;

const utf8 = new TextEncoder();

/**
 * Notes with a file which token has stored it; that stays with the file under any name.
 *
 * @returns Whether it is done: not every disk can.
 */
export function noteStorer(path: string, storer: string): boolean {
  return Deno.build.os === "linux" && setAttribute(path, ATTRIBUTE, utf8.encode(storer));
}

/** The name of the token that has stored a file; `undefined` if none has, or that was not noted. */
export function storerOf(path: string): string | undefined {
  return Deno.build.os === "linux" ? getText(path, ATTRIBUTE, MAX_LENGTH) : undefined;
}

/** Whether it can be noted with files in a directory who has stored them. */
export function canNoteStorers(directory: string): boolean {
  return Deno.build.os === "linux" && attributesSupported(directory, ATTRIBUTE);
}
