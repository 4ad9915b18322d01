import { TopicFilter } from "../../base/mod.ts";
import {
  type EventBatch,
  EventOutbox,
  type ManagerMessage,
  MAX_INTERESTS,
  type WorkerMessage,
} from "../../ipc/mod.ts";

/** What a worker says about events. */
export type EventNews = Extract<WorkerMessage, { type: "event-interest" | "events" }>;

/** Tells a worker; resolves when there is room for more. */
type Send = (message: ManagerMessage) => Promise<void>;

/**
 * Hands what happens at one worker on to those at which somebody wants to know. Each is told what is wanted
 * at the others, so that nothing comes here that nobody wants.
 */
export class EventExchange {
  readonly #places = new Set<ExchangePlace>();

  /**
   * Takes a worker in, until its place is disposed of.
   *
   * @param ask Whether it has subscribers that this manager does not know of.
   */
  join(send: Send, { ask }: { ask: boolean }): ExchangePlace {
    const place: ExchangePlace = new ExchangePlace({
      send,
      onInterest: () => this.#tellOthers(place),
      onEvents: (batch) => this.#handOn(place, batch),
      onLeave: () => {
        this.#places.delete(place);
        this.#tellOthers(place);
      },
    });
    this.#places.add(place);
    place.wantElsewhere(this.#wantedBut(place), ask);
    return place;
  }

  #tellOthers(changed: ExchangePlace): void {
    for (const place of this.#places) {
      if (place !== changed) place.wantElsewhere(this.#wantedBut(place), false);
    }
  }

  /** What is wanted by all but one. */
  #wantedBut(one: ExchangePlace): string[] {
    const topics = new Set<string>();
    for (const place of this.#places) {
      if (place !== one) place.interest.forEach((topic) => topics.add(topic));
    }
    return topics.size <= MAX_INTERESTS ? [...topics].sort() : ["*"];
  }

  #handOn(from: ExchangePlace, batch: EventBatch): void {
    for (const place of this.#places) if (place !== from) place.take(batch);
  }
}

interface PlaceOptions {
  send: Send;
  onInterest: () => void;
  onEvents: (batch: EventBatch) => void;
  onLeave: () => void;
}

/** One worker, as others hear of it. */
export class ExchangePlace implements Disposable {
  readonly #options: PlaceOptions;
  readonly #outbox: EventOutbox;
  #filter: TopicFilter | undefined;
  #elsewhere: readonly string[] = [];
  #told = true;
  #telling = false;
  #left = false;

  /** The topics that are wanted at this worker. */
  interest: readonly string[] = [];

  constructor(options: PlaceOptions) {
    this.#options = options;
    this.#outbox = new EventOutbox((batch) => options.send({ type: "events", ...batch }));
  }

  /** The worker says what is wanted there, or what has happened. */
  hear(news: EventNews): void {
    if (this.#left) return;
    if (news.type === "events") return this.#options.onEvents(news);
    this.interest = news.topics;
    this.#filter = news.topics.length === 0 ? undefined : new TopicFilter(news.topics);
    this.#options.onInterest();
  }

  /** Hands on to the worker what it wants of what has happened at another one. */
  take({ events, lost }: EventBatch): void {
    const filter = this.#filter;
    if (filter === undefined) return;
    for (const event of events) if (filter.wants(event.topic)) this.#outbox.push(event);
    for (const loss of lost) {
      if (loss.topic === "*" || filter.wants(loss.topic)) this.#outbox.lose(loss);
    }
  }

  /**
   * Tells the worker what is wanted elsewhere, if it does not know.
   *
   * @param anyway Also if it knows: it then says what it wants itself.
   */
  wantElsewhere(topics: readonly string[], anyway: boolean): void {
    const unchanged = topics.join() === this.#elsewhere.join();
    if (this.#left || unchanged && !anyway) return;
    this.#elsewhere = topics;
    this.#told = false;
    if (this.#telling) return;
    this.#telling = true;
    void this.#tell().finally(() => this.#telling = false);
  }

  /** It has gone. */
  [Symbol.dispose](): void {
    if (this.#left) return;
    this.#left = true;
    this.#outbox[Symbol.dispose]();
    this.#options.onLeave();
  }

  /** While one message waits for room, only the newest of those that follow is kept. */
  async #tell(): Promise<void> {
    while (!this.#told && !this.#left) {
      this.#told = true;
      await this.#options.send({ type: "event-interest", topics: [...this.#elsewhere] });
    }
  }
}
