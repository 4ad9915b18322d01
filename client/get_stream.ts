import { createHash } from "node:crypto";
import { checkOptions, type OptionNames } from "../base/mod.ts";
import {
  type FileGetRequest,
  type FileInfo,
  Flags,
  messages,
  parseFileName,
  ProtocolError,
  TRAILER_LENGTH,
} from "../protocol/mod.ts";
import { hashInSlices } from "../transfer/mod.ts";
import { incomingBytes, wantedBytes } from "./compression.ts";
import { exchange, type RequestOptions, type StreamOpener } from "./exchange.ts";
import { sayingGivenUp } from "./given_up.ts";
import { TransferMeter } from "./transfer_meter.ts";
import { type Moved, transferResult } from "./transfer_result.ts";

/** What `getStream` takes. */
export interface GetStreamOptions extends RequestOptions {
  /** Is told how many bytes have been handed on so far, of how many. */
  onProgress?: (bytes: number, total: number) => void;
}

const OPTION_NAMES: OptionNames<GetStreamOptions> = { onProgress: true, signal: true };

/** Takes the next bytes of a file; they are valid until it resolves. */
export type TakeBytes = (bytes: Uint8Array) => Promise<void>;

/** A file on its way through a client, which goes on where it was when its connection is lost. */
export class Passage {
  readonly #name: string;
  readonly #take: TakeBytes;
  readonly #options: GetStreamOptions;
  readonly #hash = createHash("sha256");
  readonly #begun = performance.now();
  #info: FileInfo | undefined;
  /** How many bytes were handed on. */
  #offset = 0;

  /** @throws {InvalidNameError | InvalidOptionError} */
  constructor(name: string, take: TakeBytes, options: GetStreamOptions) {
    checkOptions("Cannot fetch a file", options, OPTION_NAMES);
    parseFileName(name);
    this.#name = name;
    this.#take = take;
    this.#options = options;
  }

  /**
   * Fetches the rest.
   *
   * @throws {ProtocolError} `hash-mismatch`: what was handed on is not what the server has.
   */
  async go(opener: StreamOpener): Promise<Moved> {
    const meter = new TransferMeter(opener);
    const body: FileGetRequest = { name: this.#name, ...wantedBytes(opener) };
    if (this.#info !== undefined) {
      const { size, mtime } = this.#info;
      Object.assign(body, { offset: this.#offset, size, mtime });
    }
    const outgoing = { message: messages.fileGet, body };
    const fetching = exchange(opener, outgoing, this.#options, async (request) => {
      const { flags, body } = await request.answer;
      const response = messages.fileGet.parseResponse(body);
      const info = this.#info ??= this.#check(response, flags);
      const reader = incomingBytes(opener, request.reader, response, meter);
      for await (const chunk of reader.chunks(info.size - this.#offset)) {
        await this.#handOn(chunk);
        this.#offset += chunk.length;
        opener.advance?.();
        this.#options.onProgress?.(this.#offset, info.size);
      }
      const trailer = await reader.readExactly(TRAILER_LENGTH);
      await reader.expectEnd("size-mismatch");
      const sha256 = this.#hash.digest("hex");
      if (trailer.toHex() !== sha256) {
        const message = `Data of ${info.size} bytes does not match the SHA-256 that came with it`;
        throw new ProtocolError("hash-mismatch", message);
      }
      const ms = performance.now() - this.#begun;
      return transferResult(this.#name, info.size, sha256, ms, meter);
    });
    return await sayingGivenUp(this.#name, fetching);
  }

  /** Hands a chunk on, and hashes it, which is done in any case when this settles: the chunk is borrowed. */
  async #handOn(chunk: Uint8Array): Promise<void> {
    const hashing = hashInSlices(this.#hash, chunk);
    try {
      await this.#take(chunk);
    } finally {
      await hashing;
    }
  }

  #check(info: FileInfo, flags: number): FileInfo {
    if (info.name === this.#name && (flags & Flags.data) !== 0) return info;
    const message = `Server answered with something other than "${this.#name}"`;
    throw new ProtocolError("bad-body", message);
  }
}
