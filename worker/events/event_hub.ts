import type { ServerEvent } from "../../protocol/mod.ts";
import { EventQueue } from "./event_queue.ts";

/**
 * Tells subscribers what happens in this worker. It costs nothing where there are none, and nobody waits
 * for one: who is slow loses events, and is told how many.
 */
export class EventHub {
  readonly #queues = new Set<EventQueue>();
  #closed = false;

  /** How many subscribers there are. */
  get subscribers(): number {
    return this.#queues.size;
  }

  /**
   * Something has happened.
   *
   * @param body Makes what there is to say of it; is asked only where somebody wants to know.
   */
  publish(topic: string, body: () => Record<string, unknown>): void {
    let event: ServerEvent | undefined;
    for (const queue of this.#queues) {
      if (!queue.wants(topic)) continue;
      event ??= { topic, time: Date.now(), body: body() };
      queue.push(event);
    }
  }

  /**
   * What happens from now on, until the subscriber gives it up, its signal aborts, or the worker leaves.
   *
   * @param topics As in `events.subscribe`.
   */
  subscribe(topics: readonly string[], signal: AbortSignal): AsyncIterableIterator<ServerEvent> {
    const queue = new EventQueue(topics, () => {
      signal.removeEventListener("abort", end);
      this.#queues.delete(queue);
    });
    const end = () => queue.end();
    if (this.#closed || signal.aborted) {
      queue.end();
      return queue;
    }
    signal.addEventListener("abort", end, { once: true });
    this.#queues.add(queue);
    return queue;
  }

  /** Ends all subscriptions behind what has happened. */
  close(): void {
    this.#closed = true;
    for (const queue of this.#queues) queue.end();
  }
}
