import { getLogger } from "@logtape/logtape";
import { type ProcessIdentity, sameIdentity } from "../../base/mod.ts";
import type { WorkerConfig } from "../../ipc/mod.ts";
import type { Departure } from "./departure.ts";

const logger = getLogger(["msquicd", "worker"]);

/** What a worker that has lost its manager acts on. */
export interface ManagerLossOptions {
  /** The manager, as the shared memory has it. */
  manager: () => ProcessIdentity;
  /** What the worker was told to be, if it was. */
  config: () => WorkerConfig | undefined;
  departure: Departure;
  /** Is called before the worker leaves for it. */
  onLeaving: () => void;
}

/** What a worker does about the loss of its manager: it leaves, or goes on without. */
export class ManagerLoss {
  readonly #options: ManagerLossOptions;
  #lost: ProcessIdentity | undefined;

  constructor(options: ManagerLossOptions) {
    this.#options = options;
  }

  /** Whether nobody has taken over since the manager was lost. */
  get alone(): boolean {
    return this.#lost !== undefined && sameIdentity(this.#lost, this.#options.manager());
  }

  /** Takes note of the loss; may be told again and again. */
  note(): void {
    const { manager, config, departure, onLeaving } = this.#options;
    const again = this.alone;
    this.#lost = manager();
    const { keep = false, deadlineMs = 0 } = config()?.onManagerLoss ?? {};
    if (!keep) {
      onLeaving();
      return departure.request("manager-lost", deadlineMs);
    }
    if (again) return;
    logger.warning("The manager, process {pid}, is gone; serving on without", {
      pid: this.#lost.pid,
    });
  }
}
