import { hash } from "node:crypto";
import {
  encodeMessage,
  type FilePutRequest,
  Flags,
  messages,
  TRAILER_LENGTH,
} from "../protocol/mod.ts";
import type { SmallSource } from "./small_source.ts";

/** Memory for that is taken at a time, in bytes; half of it is sent at once, some thirty files. */
const BLOCK_LENGTH = 256 * 1024;

/** A file that has been put in. */
export interface PackedFile {
  /** The request, the file's bytes, and their SHA-256. */
  readonly bytes: Uint8Array;
  /** In bytes. */
  readonly size: number;
  /** Of the file's bytes, in hexadecimal. */
  readonly sha256: string;
}

/** Puts requests `file.put` with their files one behind the other, to be sent many at a time. */
export class Packer {
  #block = new Uint8Array(0);
  #length = 0;

  /** Whether there is enough to be sent. */
  get full(): boolean {
    return this.#length > BLOCK_LENGTH / 2;
  }

  /** Whether there is nothing to be sent. */
  get empty(): boolean {
    return this.#length === 0;
  }

  /** Adds a file. */
  add(
    request: Pick<FilePutRequest, "name" | "overwrite">,
    { bytes, mtime, mode }: SmallSource,
  ): PackedFile {
    const size = bytes.length;
    const body: FilePutRequest = { ...request, size };
    if (mtime !== undefined) body.mtime = mtime;
    if (mode !== undefined) body.mode = mode;
    const sha256 = hash("sha256", bytes, "hex");
    const message = { type: messages.filePut.type, flags: Flags.data, body };
    const { length } = encodeMessage(message, (length) => {
      this.#reserve(length + size + TRAILER_LENGTH);
      return this.#block.subarray(this.#length, this.#length + length);
    });
    const begin = this.#length;
    this.#block.set(bytes, begin + length);
    this.#block.subarray(begin + length + size).setFromHex(sha256);
    this.#length += length + size + TRAILER_LENGTH;
    return { bytes: this.#block.subarray(begin, this.#length), size, sha256 };
  }

  /** Adds one that was sent before. */
  addAgain({ bytes }: PackedFile): void {
    this.#reserve(bytes.length);
    this.#block.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** What has been added since this was last called, which may be nothing. It stays as it is. */
  take(): Uint8Array {
    const taken = this.#block.subarray(0, this.#length);
    this.#block = this.#block.subarray(this.#length);
    this.#length = 0;
    return taken;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#block.length) return;
    const larger = new Uint8Array(Math.max(BLOCK_LENGTH, this.#length + more));
    larger.set(this.#block.subarray(0, this.#length));
    this.#block = larger;
  }
}
