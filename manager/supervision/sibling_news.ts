import type { Sibling } from "../../ipc/mod.ts";
import type { WorkerSlot } from "./worker_slot.ts";

/** How often loads that have changed are passed on, in milliseconds. */
const ROUND_MS = 250;

/** Keeps every ready worker informed about the other ready ones, so that it can send clients there. */
export class SiblingNews implements Disposable {
  readonly #slots: () => readonly WorkerSlot[];
  readonly #timer: ReturnType<typeof setInterval>;

  /** @param slots The workers there are at the moment. */
  constructor(slots: () => readonly WorkerSlot[]) {
    this.#slots = slots;
    this.#timer = setInterval(() => this.tell(), ROUND_MS);
  }

  /** Tells those whose siblings, or the loads of these, have changed. */
  tell(): void {
    const ready = this.#slots().filter(({ state }) => state === "ready");
    const loads = ready.map(({ load }) => load).sort(byLoad);
    for (const slot of ready) slot.tellSiblings(loads.filter(({ port }) => port !== slot.port));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** Transfers are what keeps a worker busy; of idle sessions it can have many. */
function byLoad(a: Sibling, b: Sibling): number {
  return a.transfers - b.transfers || a.sessions - b.sessions || a.port - b.port;
}
