import { Receiver } from "./receiver.ts";
import type { RecordIterator } from "./record_iterator.ts";
import type { RingConsumer, RingProducer } from "./ring.ts";
import { Sender } from "./sender.ts";

/** What a channel needs of a doorbell: see `Doorbell` in ffi. */
export interface Bell {
  ring(): void;
  wait(): Promise<void>;
}

export interface ChannelOptions {
  inbox: RingConsumer;
  outbox: RingProducer;
  /** Rung by the peer. */
  own: Bell;
  /** Rung for the peer. */
  peer: Bell;
}

/**
 * Records both ways over two rings, where either side sleeps when it has nothing to do.
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
   * Sends a record, in the order of the calls; resolves once it is in the ring. While the ring is
   * full it waits for the peer without blocking anything else.
   *
   * @throws {MessageTooLargeError} when the record is larger than the ring.
   * @throws {SegmentCorruptError} when the peer's side of the ring makes no sense.
   * @throws {ChannelClosedError} when this end is, or is meanwhile, disposed.
   */
  send(record: Uint8Array): Promise<void> {
    return this.#sender.send(record);
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
