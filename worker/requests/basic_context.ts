import { getLogger } from "@logtape/logtape";
import type {
  HandlerLogger,
  MessageHandler,
  SessionInfo,
  Storage,
} from "../../handlers/messages/mod.ts";
import type { Message } from "../../protocol/mod.ts";
import type { Tasks } from "../../tasks/tasks.ts";
import type { SendBudget, UploadPlaces } from "../../transfer/mod.ts";
import { checkEvent } from "../events/check_event.ts";
import type { EventHub } from "../events/event_hub.ts";
import type { CounterSink } from "../transport.ts";

/** What handlers are served with, whatever they do. */
export interface ContextServices {
  readonly storage: Storage;
  readonly downloads: SendBudget;
  readonly uploads: UploadPlaces;
  readonly tasks: Tasks;
  readonly counters: CounterSink;
  /** Where subscribers hear of what happens. */
  readonly events: EventHub;
}

/** What every handler may use, however its answer is sent. One is made for each request: it is cheap. */
export abstract class BasicContext {
  readonly #services: ContextServices;

  constructor(
    protected readonly handler: MessageHandler,
    protected readonly message: Message,
    readonly session: SessionInfo,
    services: ContextServices,
  ) {
    this.#services = services;
  }

  get body(): unknown {
    return this.message.body;
  }

  get storage(): Storage {
    return this.#services.storage;
  }

  get downloads(): SendBudget {
    return this.#services.downloads;
  }

  get uploads(): UploadPlaces {
    return this.#services.uploads;
  }

  get tasks(): Tasks {
    return this.#services.tasks;
  }

  get logger(): HandlerLogger {
    return getLogger(["msquicd", "handlers", this.handler.name]);
  }

  /** Where subscribers hear of what happens. */
  protected get events(): EventHub {
    return this.#services.events;
  }

  publish(topic: string, body: Record<string, unknown>): void {
    checkEvent(topic, body);
    this.events.publish(topic, () => body);
  }

  beginTransfer(name?: string): Disposable {
    const { session, handler } = this;
    const { counters, events } = this.#services;
    const what = () => ({ session: session.id, request: handler.name, name });
    counters.add("transfers", 1);
    counters.add("transfersTotal", 1);
    events.publish("transfer.begun", what);
    let under = true;
    return {
      [Symbol.dispose]() {
        if (!under) return;
        under = false;
        counters.add("transfers", -1);
        events.publish("transfer.ended", what);
      },
    };
  }
}
