import { TopicFilter } from "../../base/mod.ts";
import type { SubscribeOptions } from "../../handlers/messages/mod.ts";
import type { ServerEvent } from "../../protocol/mod.ts";
import { EventQueue } from "./event_queue.ts";

/** Who carries events to other workers, and from them. */
export interface EventCarrier {
  /** Has to be asked only for events that are wanted elsewhere. */
  push(event: ServerEvent): void;
  /** Other topics are wanted here than before. */
  onInterest(): void;
}

/**
 * Tells subscribers what happens in this worker, and in the others of its instance. It costs nothing where
 * there are none, and nobody waits for one: who is slow loses events, and is told how many.
 */
export class EventHub {
  /** All who have subscribed, and whether they want to know of this worker only. */
  readonly #queues = new Map<EventQueue, { here: boolean }>();
  /** What is wanted of other workers, and by how many. */
  readonly #interest = new Map<string, number>();
  #carrier: EventCarrier | undefined;
  #elsewhere: TopicFilter | undefined;
  #closed = false;

  /** How many subscribers there are. */
  get subscribers(): number {
    return this.#queues.size;
  }

  /** The topics of other workers that are wanted here. */
  get interest(): string[] {
    return [...this.#interest.keys()];
  }

  /** Has events go to other workers, and be told when others are wanted here. */
  connect(carrier: EventCarrier): void {
    this.#carrier = carrier;
    if (this.#interest.size > 0) carrier.onInterest();
  }

  /** Which events are wanted at other workers from now on. */
  wantElsewhere(topics: readonly string[]): void {
    this.#elsewhere = topics.length === 0 ? undefined : new TopicFilter(topics);
  }

  /**
   * Something has happened here.
   *
   * @param body Makes what there is to say of it; is asked only where somebody wants to know.
   */
  publish(topic: string, body: () => Record<string, unknown>): void {
    let event: ServerEvent | undefined;
    for (const queue of this.#queues.keys()) {
      if (!queue.wants(topic)) continue;
      event ??= { topic, time: Date.now(), body: body() };
      queue.push(event);
    }
    if (this.#elsewhere?.wants(topic) !== true) return;
    this.#carrier?.push(event ?? { topic, time: Date.now(), body: body() });
  }

  /** Something has happened at another worker. */
  deliver(event: ServerEvent): void {
    for (const [queue, { here }] of this.#queues) {
      if (!here && queue.wants(event.topic)) queue.push(event);
    }
  }

  /** Events of other workers got lost on their way here; of which topic, is not known of `*`. */
  lose(topic: string, count: number): void {
    for (const [queue, { here }] of this.#queues) {
      if (!here && (topic === "*" || queue.wants(topic))) queue.lose(count);
    }
  }

  /**
   * What happens from now on, until the subscriber gives it up, its signal aborts, or the worker leaves.
   *
   * @param topics As in `events.subscribe`.
   */
  subscribe(
    topics: readonly string[],
    signal: AbortSignal,
    { here = false }: SubscribeOptions = {},
  ): AsyncIterableIterator<ServerEvent> {
    const queue = new EventQueue(topics, () => {
      signal.removeEventListener("abort", end);
      if (this.#queues.delete(queue) && !here) this.#want(topics, -1);
    });
    const end = () => queue.end();
    if (this.#closed || signal.aborted) {
      queue.end();
      return queue;
    }
    signal.addEventListener("abort", end, { once: true });
    this.#queues.set(queue, { here });
    if (!here) this.#want(topics, 1);
    return queue;
  }

  /** Ends all subscriptions behind what has happened. */
  close(): void {
    this.#closed = true;
    for (const queue of this.#queues.keys()) queue.end();
  }

  #want(topics: readonly string[], by: 1 | -1): void {
    const before = this.#interest.size;
    for (const topic of new Set(topics)) {
      const count = (this.#interest.get(topic) ?? 0) + by;
      if (count > 0) this.#interest.set(topic, count);
      else this.#interest.delete(topic);
    }
    if (this.#interest.size !== before) this.#carrier?.onInterest();
  }
}
