import {
  attributeName,
  getAttribute,
  setAttribute,
  type WantedAttribute,
} from "../../ffi/files/extended_attribute_linux.ts";
import type { NewEntry } from "./held.ts";

/** Where a file has its SHA-256, behind that its size and time: what it was when it was stored. */
const ATTRIBUTE = attributeName("user.msquicd.sha256");

/** SHA-256, size, and time of modification in milliseconds, both of 64 bits. */
const LENGTH = 48;

/** For a call on this thread: it is over before the next one needs the memory. */
const note = new Uint8Array(LENGTH);
const noteView = new DataView(note.buffer);

const wanted: WantedAttribute = { name: ATTRIBUTE, value: note, length: -1 };

/** What a file is, of which the hash is that of its bytes. */
export interface NotedFile {
  /** In bytes. */
  size: number;
  /** In milliseconds since 1970-01-01 UTC. */
  mtime: number;
}

/**
 * Notes a file's SHA-256 with the file, where its file system can; it takes some microseconds, and stays with
 * the file under any name. Windows has nothing like it.
 */
export function noteHash(path: string, sha256: string, file: NotedFile): void {
  if (Deno.build.os === "linux") setAttribute(path, ATTRIBUTE, noteOf(sha256, file));
}

/** Does what {@linkcode noteHash} does, for a file that is being made. */
export function noteHashOf(entry: NewEntry, sha256: string, file: NotedFile): void {
  entry.setAttribute(ATTRIBUTE, noteOf(sha256, file));
}

/** Valid until the next call. */
function noteOf(sha256: string, { size, mtime }: NotedFile): Uint8Array<ArrayBuffer> {
  note.setFromHex(sha256);
  noteView.setBigInt64(32, BigInt(size));
  noteView.setBigInt64(40, BigInt(mtime));
  return note;
}

/**
 * The SHA-256 that a file had when it was stored, in hexadecimal; `undefined` if that was not noted, or it has
 * another size or time by now: then somebody has written to it, who may do so.
 */
export function notedHash(path: string, { size, mtime }: NotedFile): string | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const bytes = getAttribute(path, ATTRIBUTE, LENGTH);
  if (bytes?.length !== LENGTH) return undefined;
  return hashIn(bytes, new DataView(bytes.buffer), { size, mtime });
}

/** What is to be read together with a file for {@linkcode hashReadFor}; for a call on this thread. */
export function wantedHash(): WantedAttribute {
  wanted.length = -1;
  return wanted;
}

/** Does what {@linkcode notedHash} does, of what has just been read as {@linkcode wantedHash}. */
export function hashReadFor(file: NotedFile): string | undefined {
  return wanted.length === LENGTH ? hashIn(note, noteView, file) : undefined;
}

function hashIn(bytes: Uint8Array, view: DataView, file: NotedFile): string | undefined {
  const same = view.getBigInt64(32) === BigInt(file.size) &&
    view.getBigInt64(40) === BigInt(file.mtime);
  return same ? bytes.subarray(0, 32).toHex() : undefined;
}
