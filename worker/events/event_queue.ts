import { TopicFilter } from "../../base/mod.ts";
import type { ServerEvent } from "../../protocol/mod.ts";

/** How many events wait for one subscriber. */
export const MAX_WAITING = 256;

/** The events that one subscriber has still to take. Where there are too many, the oldest go. */
export class EventQueue implements AsyncIterableIterator<ServerEvent> {
  readonly #filter: TopicFilter;
  readonly #onEnd: () => void;
  readonly #waiting: ServerEvent[] = [];
  #lost = 0;
  #ended = false;
  #news: PromiseWithResolvers<void> | undefined;

  /** @param onEnd Is called when it takes no more events. */
  constructor(topics: readonly string[], onEnd: () => void) {
    this.#filter = new TopicFilter(topics);
    this.#onEnd = onEnd;
  }

  /** Whether events of a topic are for it. */
  wants(topic: string): boolean {
    return this.#filter.wants(topic);
  }

  /** Adds an event. */
  push(event: ServerEvent): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#waiting.shift();
      this.#lost++;
    }
    this.#waiting.push(event);
    this.#tell();
  }

  /** Counts events that got lost before they came here. */
  lose(count: number): void {
    this.#lost += count;
  }

  /** Takes no more events; those that wait can still be taken. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd();
    this.#tell();
  }

  async next(): Promise<IteratorResult<ServerEvent, undefined>> {
    for (;;) {
      const event = this.#waiting.shift();
      if (event !== undefined) return { done: false, value: this.#counted(event) };
      if (this.#ended) return { done: true, value: undefined };
      this.#news ??= Promise.withResolvers();
      await this.#news.promise;
    }
  }

  return(): Promise<IteratorResult<ServerEvent, undefined>> {
    this.#waiting.length = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The event, with how many before it are lost. */
  #counted(event: ServerEvent): ServerEvent {
    if (this.#lost === 0) return event;
    const lost = this.#lost;
    this.#lost = 0;
    return { ...event, lost };
  }

  #tell(): void {
    this.#news?.resolve();
    this.#news = undefined;
  }
}
