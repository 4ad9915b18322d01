import {
  type EventBatch,
  EventOutbox,
  type ManagerMessage,
  MAX_INTERESTS,
  type RelayedEvent,
  type WorkerMessage,
} from "../../ipc/mod.ts";
import { isTopic, type ServerEvent } from "../../protocol/mod.ts";
import { decodeBody, encodeBody } from "../../protocol/body.ts";
import type { EventCarrier, EventHub } from "./event_hub.ts";

/** What the manager says about events. */
export type EventNews = Extract<ManagerMessage, { type: "event-interest" | "events" }>;

/**
 * Carries events between this worker and the others of its instance, by way of the manager: only those that
 * are wanted where they go to. A manager that is new asks what is wanted here by saying what is elsewhere.
 */
export class EventRelay implements EventCarrier, Disposable {
  readonly #send: (message: WorkerMessage) => Promise<void>;
  readonly #outbox: EventOutbox;
  #hub: EventHub | undefined;
  #elsewhere: readonly string[] = [];
  #told = true;
  #telling = false;

  /** @param send Tells the manager; resolves when there is room for more. */
  constructor(send: (message: WorkerMessage) => Promise<void>) {
    this.#send = send;
    this.#outbox = new EventOutbox((batch) => send({ type: "events", ...batch }));
  }

  /** Begins, with the worker's events. */
  connect(hub: EventHub): void {
    this.#hub = hub;
    hub.wantElsewhere(this.#elsewhere);
    hub.connect(this);
  }

  /** The manager says which events are wanted elsewhere, or what has happened there. */
  hear(news: EventNews): void {
    if (news.type === "events") return this.#deliver(news);
    this.#elsewhere = news.topics;
    this.#hub?.wantElsewhere(news.topics);
    this.onInterest();
  }

  push(event: ServerEvent): void {
    this.#outbox.push(relayed(event));
  }

  onInterest(): void {
    this.#told = false;
    if (this.#telling) return;
    this.#telling = true;
    void this.#tell().finally(() => this.#telling = false);
  }

  /** Carries nothing more. */
  [Symbol.dispose](): void {
    this.#told = true;
    this.#outbox[Symbol.dispose]();
  }

  /** While one message waits for room, only the newest of those that follow is kept. */
  async #tell(): Promise<void> {
    try {
      while (!this.#told) {
        this.#told = true;
        const topics = this.#hub?.interest ?? [];
        const few = topics.length <= MAX_INTERESTS ? topics : ["*"];
        await this.#send({ type: "event-interest", topics: few });
      }
    } catch {
      // A manager that is gone asks no more; the next one does.
    }
  }

  #deliver({ events, lost }: EventBatch): void {
    for (const { topic, count } of lost) this.#hub?.lose(topic, count);
    for (const event of events) {
      const told = toldBy(event);
      if (told === undefined) this.#hub?.lose(event.topic, 1);
      else this.#hub?.deliver(told);
    }
  }
}

function relayed({ topic, time, body }: ServerEvent): RelayedEvent {
  return { topic, time, body: encodeBody(body).toBase64() };
}

/** The event; `undefined` where it makes no sense. */
function toldBy({ topic, time, body }: RelayedEvent): ServerEvent | undefined {
  try {
    if (!isTopic(topic)) return undefined;
    return { topic, time, body: decodeBody(Uint8Array.fromBase64(body)) };
  } catch {
    return undefined;
  }
}
