import type { MemoryBudget } from "../../base/mod.ts";
import type { ByteSource, ReadOptions } from "../../protocol/mod.ts";
import type { ByteSink } from "../../transfer/mod.ts";
import type { PeerStream, Traffic } from "../transport.ts";

/** Where in a frame header the message type ends, which takes two bytes. */
const TYPE_END = 4;

/** A client's stream, whose bytes are counted, and the memory that is held for its request. */
export class RequestStream implements ByteSource, ByteSink, Disposable {
  readonly #stream: PeerStream;
  readonly #traffic: Traffic;
  readonly #memory: MemoryBudget;
  #held = 0;
  #seen = 0;
  #type = 0;
  readonly #count = (chunk: Uint8Array | null) => {
    if (chunk === null) return null;
    if (this.#seen < TYPE_END) this.#look(chunk);
    this.#traffic.received(chunk.length);
    return chunk;
  };

  constructor(stream: PeerStream, traffic: Traffic, memory: MemoryBudget) {
    this.#stream = stream;
    this.#traffic = traffic;
    this.#memory = memory;
  }

  /**
   * The message type in the first frame header: known even if the message turns out to be unreadable, as
   * the answer must name it. 0 until its bytes have come.
   */
  get type(): number {
    return this.typeKnown ? this.#type : 0;
  }

  get typeKnown(): boolean {
    return this.#seen === TYPE_END;
  }

  /** Resolves when the stream is over. */
  get closed(): Promise<void> {
    return this.#stream.closed;
  }

  get exhausted(): boolean {
    return this.#stream.exhausted;
  }

  read(options?: ReadOptions): Promise<Uint8Array | null> {
    return this.#stream.read(options).then(this.#count);
  }

  hold(bytes: number): void {
    this.#held += bytes;
    if (bytes < 0) this.#memory.release(-bytes);
    else this.#memory.claim(bytes);
  }

  /** The request has been served. */
  [Symbol.dispose](): void {
    this.#memory.release(this.#held);
    this.#held = 0;
  }

  send(data: Uint8Array, options?: { fin?: boolean }): Promise<void> {
    this.#traffic.sent(data.length);
    return this.#stream.send(data, options);
  }

  get idealBytes(): number {
    return this.#stream.idealBytes ?? 0;
  }

  get roundTripMs(): number | undefined {
    return this.#stream.roundTripMs;
  }

  finish(): Promise<void> {
    return this.#stream.finish();
  }

  abort(errorCode?: number): void {
    this.#stream.abort(errorCode);
  }

  #look(chunk: Uint8Array): void {
    for (const byte of chunk.subarray(0, TYPE_END - this.#seen)) {
      this.#type = (this.#type << 8 | byte) & 0xffff;
      this.#seen++;
    }
  }
}
