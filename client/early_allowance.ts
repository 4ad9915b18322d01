import { orAborted } from "../base/mod.ts";
import type { BlockedTimes } from "../ffi/mod.ts";
import { MAX_EARLY_BYTES, MAX_EARLY_STREAMS, type ReadOptions } from "../protocol/mod.ts";
import type { RequestStream } from "./exchange.ts";

/**
 * What may be sent on a connection before the server has answered to the greeting: some streams, and some
 * bytes on them. What is more waits for the answer.
 */
export class EarlyAllowance {
  readonly #greeted: Promise<unknown>;
  #over = false;
  #streams = MAX_EARLY_STREAMS;
  #bytes = MAX_EARLY_BYTES;

  /** @param greeted The server's answer. */
  constructor(greeted: Promise<unknown>) {
    this.#greeted = greeted;
    greeted.then(() => this.#over = true, () => {});
  }

  /** Waits until one more stream may be opened. @throws What keeps the server from answering. */
  async mayOpen(signal?: AbortSignal): Promise<void> {
    if (this.#over || this.#streams-- > 0) return;
    await orAborted(this.#greeted, signal);
  }

  /** Has what is sent on a stream wait where it is too much. */
  limit(stream: RequestStream): RequestStream {
    return this.#over ? stream : new EarlyStream(stream, this);
  }

  /** How much of so many bytes may be sent now. */
  take(bytes: number): number {
    if (this.#over) return bytes;
    const taken = Math.min(bytes, this.#bytes);
    this.#bytes -= taken;
    return taken;
  }

  /** Runs an action when the server has answered, in the order of the calls. */
  afterwards<Result>(action: () => Promise<Result>): Promise<Result> {
    return this.#greeted.then(action);
  }
}

class EarlyStream implements Required<RequestStream> {
  readonly #stream: RequestStream;
  readonly #allowance: EarlyAllowance;
  /** Whether something that was sent has had to wait: what follows goes behind it. */
  #waits = false;

  constructor(stream: RequestStream, allowance: EarlyAllowance) {
    this.#stream = stream;
    this.#allowance = allowance;
  }

  get exhausted(): boolean {
    return this.#stream.exhausted === true;
  }

  read(options?: ReadOptions): Promise<Uint8Array | null> {
    return this.#stream.read(options);
  }

  async send(data: Uint8Array, options: { fin?: boolean } = {}): Promise<void> {
    const stream = this.#stream;
    if (this.#waits) return await this.#allowance.afterwards(() => stream.send(data, options));
    const now = this.#allowance.take(data.length);
    if (now === data.length) return await stream.send(data, options);
    this.#waits = true;
    const rest = this.#allowance.afterwards(() => stream.send(data.subarray(now), options));
    await Promise.all([now > 0 ? stream.send(data.subarray(0, now)) : undefined, rest]);
  }

  get idealBytes(): number {
    return this.#stream.idealBytes ?? 0;
  }

  get roundTripMs(): number | undefined {
    return this.#stream.roundTripMs;
  }

  get blocked(): BlockedTimes | undefined {
    return this.#stream.blocked;
  }

  hold(bytes: number): void {
    this.#stream.hold?.(bytes);
  }

  abort(errorCode?: number): void {
    this.#stream.abort(errorCode);
  }

  close(): Promise<void> {
    return this.#stream.close();
  }
}
