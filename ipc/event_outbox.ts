import { delay } from "../base/mod.ts";
import {
  type EventBatch,
  MAX_BATCH,
  MAX_LOSSES,
  type RelayedEvent,
  type RelayLoss,
} from "./event_fields.ts";

/** How many events wait at most. */
export const MAX_WAITING = 256;

/** How long they are together at most, in characters. */
const MAX_WAITING_LENGTH = 1024 * 1024;

/** How long a message is at most, but for its last event, in characters. */
const MAX_BATCH_LENGTH = 64 * 1024;

/** How long to wait behind a message, in milliseconds: so 6,400 events, or 6 MiB, go in a second. */
const PAUSE_MS = 10;

/**
 * Events that are to go to another process, some in one message, and no faster than that takes them.
 * Where there are too many, the oldest go, and the next message says how many of which topic.
 */
export class EventOutbox implements Disposable {
  readonly #send: (batch: EventBatch) => Promise<void>;
  readonly #closed = new AbortController();
  readonly #waiting: RelayedEvent[] = [];
  readonly #lost = new Map<string, number>();
  #length = 0;
  #sending = false;

  /** @param send Resolves when there may be more. */
  constructor(send: (batch: EventBatch) => Promise<void>) {
    this.#send = send;
  }

  /** Adds an event. */
  push(event: RelayedEvent): void {
    if (this.#closed.signal.aborted) return;
    this.#waiting.push(event);
    this.#length += lengthOf(event);
    while (this.#waiting.length > MAX_WAITING || this.#length > MAX_WAITING_LENGTH) {
      this.#noteLost({ topic: this.#take().topic, count: 1 });
    }
    this.#begin();
  }

  /** Adds what got lost before. */
  lose(loss: RelayLoss): void {
    if (this.#closed.signal.aborted) return;
    this.#noteLost(loss);
    this.#begin();
  }

  /** Sends nothing more. */
  [Symbol.dispose](): void {
    this.#closed.abort();
    this.#waiting.length = 0;
    this.#lost.clear();
  }

  #begin(): void {
    if (this.#sending) return;
    this.#sending = true;
    void this.#sendAll().finally(() => this.#sending = false);
  }

  async #sendAll(): Promise<void> {
    const { signal } = this.#closed;
    await Promise.resolve(); // what comes in one go, goes in one
    try {
      while (this.#waiting.length > 0 || this.#lost.size > 0) {
        await this.#send(this.#nextBatch());
        await delay(PAUSE_MS, signal);
      }
    } catch {
      // It was closed, or who is to hear of it has gone, which is found out elsewhere.
    }
  }

  #nextBatch(): EventBatch {
    const lost = Array.from(this.#lost, ([topic, count]) => ({ topic, count }));
    this.#lost.clear();
    const events: RelayedEvent[] = [];
    for (let length = 0; this.#waiting.length > 0 && length < MAX_BATCH_LENGTH;) {
      if (events.length === MAX_BATCH) break;
      const event = this.#take();
      length += lengthOf(event);
      events.push(event);
    }
    return { events, lost };
  }

  #take(): RelayedEvent {
    const event = this.#waiting.shift() as RelayedEvent;
    this.#length -= lengthOf(event);
    return event;
  }

  #noteLost({ topic, count }: RelayLoss): void {
    const known = this.#lost.has(topic) || this.#lost.size < MAX_LOSSES - 1;
    const name = known ? topic : "*";
    this.#lost.set(name, (this.#lost.get(name) ?? 0) + count);
  }
}

function lengthOf({ topic, body }: RelayedEvent): number {
  return topic.length + body.length;
}
