import { getLogger } from "@logtape/logtape";
import type {
  HandlerLogger,
  HookedClient,
  MessageHandler,
  SessionInfo,
  Storage,
  TransferDetails,
  TransferUnderWay,
} from "../../handlers/messages/mod.ts";
import type { LineLimit } from "../../log/mod.ts";
import type { Message } from "../../protocol/mod.ts";
import type { Tasks } from "../../tasks/tasks.ts";
import type { FileStorage, SendBudget, UploadPlaces } from "../../transfer/mod.ts";
import { checkEvent } from "../events/check_event.ts";
import type { EventHub } from "../events/event_hub.ts";
import type { HookStatus } from "../hooks/hook_status.ts";
import type { Transfers } from "../transfers/transfers.ts";
import { auditPart } from "./audited_request.ts";
import type { CounterSink } from "../transport.ts";

/** What handlers are served with, whatever they do. */
export interface ContextServices {
  readonly files: FileStorage;
  /** What those of one request are, where hooks are asked before something is stored or removed. */
  readonly filesFor?: ((client: HookedClient) => FileStorage) | undefined;
  /** What is to be said of these hooks. */
  readonly hooks?: readonly HookStatus[];
  readonly storage: Storage;
  readonly downloads: SendBudget;
  readonly uploads: UploadPlaces;
  readonly tasks: Tasks;
  readonly counters: CounterSink;
  /** Which are under way. */
  readonly transfers: Transfers;
  /** Where subscribers hear of what happens. */
  readonly events: EventHub;
  /** Bounds the refusals that are written down one by one. */
  readonly refusals: LineLimit;
}

/** What every handler may use, however its answer is sent. One is made for each request: it is cheap. */
export abstract class BasicContext {
  readonly #services: ContextServices;
  #hooked: FileStorage | undefined;

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

  get files(): FileStorage {
    const { files, filesFor } = this.#services;
    return filesFor === undefined ? files : this.#hooked ??= filesFor(this);
  }

  abstract get signal(): AbortSignal;

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

  auditChange(event: string, target: string, error?: unknown): void {
    auditPart(event, target, this.session, this.#services.refusals, error);
  }

  beginTransfer(name?: string, details: TransferDetails = {}): TransferUnderWay {
    const { session, handler } = this;
    const { counters, events, transfers } = this.#services;
    const end = () => this.withdraw();
    const transfer = transfers.begin({ session, request: handler.name, name, details, end });
    const what = () => ({
      ...{ session: session.id, transfer: transfer.id, request: handler.name, name },
    });
    counters.add("transfers", 1);
    counters.add("transfersTotal", 1);
    events.publish("transfer.begun", what);
    let under = true;
    return {
      progress: (offset) => transfer.progress(offset),
      settle: () => transfer.settle(),
      [Symbol.dispose]() {
        if (!under) return;
        under = false;
        transfers.end(transfer);
        counters.add("transfers", -1);
        events.publish("transfer.ended", what);
      },
    };
  }

  /** Ends the request for the operator, where its handler cannot. */
  protected abstract withdraw(): void;
}
