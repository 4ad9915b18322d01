import { ChannelClosedError, MessageTooLargeError, PeerReplacedError } from "./errors.ts";
import type { Bell, Rings } from "./rings.ts";
import { MAX_MESSAGE_BYTES, Parts } from "./parts.ts";
import { RecordKind, type RingProducer } from "./ring.ts";

const SENT = Promise.resolve();

/** How a record is sent. */
export interface SendOptions {
  /** Overtakes everything that is not; for short ones only. */
  urgent?: boolean;
  /** Takes the record back while it waits for room; `send` then rejects with its reason. */
  signal?: AbortSignal;
}

/** A record that waits for room. */
interface Waiting {
  readonly record: Uint8Array;
  /** Present when it does not fit into the ring. */
  readonly parts: Parts | undefined;
  readonly kind: RecordKind;
  readonly sent: PromiseWithResolvers<void>;
}

/**
 * The sending half of a channel: the rings, and who waits for room in them.
 *
 * What is too large for the ring goes in parts, one such message at a time and in turn with the
 * records that wait.
 */
export class Sender implements Disposable {
  readonly #rings: Rings<RingProducer>;
  readonly #own: Bell;
  readonly #peer: Bell;
  readonly #urgent: Waiting[] = [];
  readonly #ordinary: Waiting[] = [];
  readonly #large: Waiting[] = [];
  #messages = 0;
  #largeIsNext = false;
  #flushing = false;
  #closed = false;

  constructor(rings: Rings<RingProducer>, own: Bell, peer: Bell) {
    this.#rings = rings;
    this.#own = own;
    this.#peer = peer;
  }

  /** See `Channel.send`. */
  send(record: Uint8Array, options?: SendOptions): Promise<void> {
    try {
      if (this.trySend(record, options?.urgent)) return SENT;
      return this.#enqueue(record, options ?? {});
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** See `Channel.trySend`. */
  trySend(record: Uint8Array, urgent = false): boolean {
    if (this.#closed) throw new ChannelClosedError();
    const ring = urgent ? this.#rings.urgent : this.#rings.ordinary;
    const queue = urgent ? this.#urgent : this.#ordinary;
    if (queue.length > 0 || record.length > ring.maxRecord || !ring.push(record)) return false;
    this.#wakePeer();
    return true;
  }

  /**
   * Begins anew, with a record that tells the peer so: what waits for room was for nobody who is there
   * any more.
   */
  beginAnew(record: Uint8Array): void {
    if (this.#closed) return;
    this.#refuseWaiting(new PeerReplacedError());
    const sent = Promise.withResolvers<void>();
    this.#ordinary.push({ record, parts: undefined, kind: RecordKind.takeover, sent });
    if (!this.#flushing) void this.#flush();
    // Nobody is there to look after the promise; if it is refused, so is all that follows.
    sent.promise.catch(() => {});
    // Whoever was there before may have taken the sign that the peer sleeps, and not have rung.
    this.#peer.ring();
  }

  /** Refuses what comes; what waits is refused when the bell wakes it. */
  [Symbol.dispose](): void {
    this.#closed = true;
  }

  #enqueue(record: Uint8Array, { urgent = false, signal }: SendOptions): Promise<void> {
    signal?.throwIfAborted();
    const waiting = this.#waitingFor(record, urgent);
    const queue = urgent ? this.#urgent : waiting.parts ? this.#large : this.#ordinary;
    queue.push(waiting);
    if (!this.#flushing) void this.#flush();
    const { promise } = waiting.sent;
    return signal === undefined ? promise : takenBack(waiting, queue, signal);
  }

  #waitingFor(record: Uint8Array, urgent: boolean): Waiting {
    const ring = urgent ? this.#rings.urgent : this.#rings.ordinary;
    const sent = Promise.withResolvers<void>();
    const kind = RecordKind.whole;
    if (record.length <= ring.maxRecord) return { record, parts: undefined, kind, sent };
    const limit = urgent ? ring.maxRecord : MAX_MESSAGE_BYTES;
    if (record.length > limit) throw new MessageTooLargeError(record.length, limit);
    this.#messages = (this.#messages + 1) >>> 0;
    return { record, parts: new Parts(record, this.#messages, ring.maxRecord >> 1), kind, sent };
  }

  async #flush(): Promise<void> {
    this.#flushing = true;
    try {
      while (this.#pushWaiting()) {
        this.#announceSleep();
        if (this.#pushSome()) continue;
        await this.#own.wait();
      }
    } catch (error) {
      this.#refuseWaiting(error);
    }
    this.#flushing = false;
  }

  #refuseWaiting(error: unknown): void {
    for (const queue of [this.#urgent, this.#ordinary, this.#large]) {
      for (const { sent } of queue.splice(0)) sent.reject(error);
    }
  }

  /** Sends what there is room for; whether something still waits. */
  #pushWaiting(): boolean {
    while (this.#pushSome());
    return this.#urgent.length > 0 || this.#ordinary.length > 0 || this.#large.length > 0;
  }

  /** Sends one record or part; whether there was one, and room for it. */
  #pushSome(): boolean {
    if (this.#closed) throw new ChannelClosedError();
    if (this.#pushUrgent()) return true;
    this.#largeIsNext = !this.#largeIsNext;
    return this.#largeIsNext
      ? this.#pushPart() || this.#pushOrdinary()
      : this.#pushOrdinary() || this.#pushPart();
  }

  #pushUrgent(): boolean {
    const first = this.#urgent[0];
    return first !== undefined && this.#rings.urgent.push(first.record) && this.#sent(this.#urgent);
  }

  #pushOrdinary(): boolean {
    const first = this.#ordinary[0];
    return first !== undefined && this.#rings.ordinary.push(first.record, first.kind) &&
      this.#sent(this.#ordinary);
  }

  #pushPart(): boolean {
    const parts = this.#large[0]?.parts;
    if (parts === undefined || !this.#rings.ordinary.push(parts.current, RecordKind.part)) {
      return false;
    }
    parts.advance();
    if (parts.done) return this.#sent(this.#large);
    this.#wakePeer();
    return true;
  }

  #sent(queue: Waiting[]): true {
    queue.shift()?.sent.resolve();
    this.#wakePeer();
    return true;
  }

  #announceSleep(): void {
    if (this.#urgent.length > 0) this.#rings.urgent.announceSleep();
    this.#rings.ordinary.announceSleep();
  }

  // The consumer announces its sleep in one place for both rings.
  #wakePeer(): void {
    if (this.#rings.ordinary.takeConsumerSleep()) this.#peer.ring();
  }
}

/** Waits until a record is sent, or takes it back; one of which parts have gone stays. */
async function takenBack(
  waiting: Waiting,
  queue: Waiting[],
  signal: AbortSignal,
): Promise<void> {
  function takeBack(): void {
    const place = queue.indexOf(waiting);
    if (place < 0 || (waiting.parts !== undefined && waiting.parts.begun)) return;
    queue.splice(place, 1);
    waiting.sent.reject(signal.reason);
  }
  signal.addEventListener("abort", takeBack);
  try {
    await waiting.sent.promise;
  } finally {
    signal.removeEventListener("abort", takeBack);
  }
}
