import { Receiver } from "./receiver.ts";
import type { RecordIterator } from "./record_iterator.ts";
import type { RingConsumer, RingProducer } from "./ring.ts";
import type { Bell, Rings } from "./rings.ts";
import { Sender, type SendOptions } from "./sender.ts";

export interface ChannelOptions {
  inbox: Rings<RingConsumer>;
  outbox: Rings<RingProducer>;
  /** Rung by the peer. */
  own: Bell;
  /** Rung for the peer. */
  peer: Bell;
}

/**
 * Records both ways over two rings each, where either side sleeps when it has nothing to do.
 *
 * Sleeping works without a lost wake-up because each side first says that it is about to sleep,
 * then looks once more, while the other first writes and then looks for a sleeper. A side has one
 * doorbell for both its reasons to sleep: nothing to read, and no room to write.
 */
export class Channel implements Disposable {
  readonly #receiver: Receiver;
  readonly #sender: Sender;

  constructor({ inbox, outbox, own, peer }: ChannelOptions) {
    this.#receiver = new Receiver(inbox, own, peer);
    this.#sender = new Sender(outbox, own, peer);
  }

  /**
   * Takes the place of an end that is gone, wherever it was interrupted. Before anything else it sends a
   * record of its own, and of what the peer sends it ignores all that comes before the answer to that:
   * it was meant for the one that is gone.
   *
   * @param epoch Tells this end from those before it: 32 bits.
   */
  takeOver(epoch: number): void {
    this.#receiver.ignoreUntil(epoch);
    this.#sender.beginAnew(new Uint8Array(Uint32Array.of(epoch).buffer));
  }

  /**
   * Goes on when another end has taken the place of the peer: sends nothing more of what waits to be
   * sent, and forgets what has arrived of a message in parts.
   *
   * @param onReplaced Is called each time, before anything of the new peer is handed out.
   */
  acceptSuccessors(onReplaced: () => void): void {
    this.#receiver.onTakeover = (record) => {
      this.#sender.beginAnew(record);
      onReplaced();
    };
  }

  /**
   * Sends a record; resolves once it is in the ring. While the ring is full it waits for the peer
   * without blocking anything else.
   *
   * Records arrive in the order of the calls, but for two kinds: one that is `urgent` overtakes all
   * that are not, in the ring as well; one that is larger than the ring goes in parts, and may be
   * overtaken by those that fit.
   *
   * @throws {MessageTooLargeError} when the record is larger than 16 MiB, or an urgent one larger
   * than its ring.
   * @throws {SegmentCorruptError} when the peer's side of the ring makes no sense.
   * @throws {ChannelClosedError} when this end is, or is meanwhile, disposed.
   */
  send(record: Uint8Array, options?: SendOptions): Promise<void> {
    return this.#sender.send(record, options);
  }

  /**
   * Sends an urgent record if there is room for it at once.
   *
   * @throws {SegmentCorruptError | ChannelClosedError} as {@linkcode Channel.send} does.
   */
  trySendUrgent(record: Uint8Array): boolean {
    return this.#sender.trySend(record, true);
  }

  /** The next record of the peer, past an iteration that waits. @throws {SegmentCorruptError} */
  take(): Uint8Array<ArrayBuffer> | null {
    return this.#receiver.take();
  }

  /** The next urgent record of the peer, past an iteration that waits or has more to hand out. */
  takeUrgent(): Uint8Array<ArrayBuffer> | null {
    return this.#receiver.takeUrgent();
  }

  /**
   * The peer's records. Aborting the signal, or disposing the channel, ends the iteration. One
   * iteration at a time.
   *
   * @throws {SegmentCorruptError} when the peer's side of the ring makes no sense.
   */
  records(signal?: AbortSignal): RecordIterator {
    return this.#receiver.records(signal);
  }

  /**
   * Ends the iteration and refuses what waits to be sent. Whoever owns the bells disposes them
   * afterwards, which wakes both.
   */
  [Symbol.dispose](): void {
    this.#receiver[Symbol.dispose]();
    this.#sender[Symbol.dispose]();
  }
}
