import type { Sibling } from "../../ipc/mod.ts";
import { onBeat } from "../beat.ts";
import type { WorkerSlot } from "./worker_slot.ts";

/** Keeps every ready worker informed about the other ready ones, so that it can send clients there. */
export class SiblingNews implements Disposable {
  readonly #slots: () => readonly WorkerSlot[];
  readonly #rounds: Disposable;

  /** @param slots The workers there are at the moment. */
  constructor(slots: () => readonly WorkerSlot[]) {
    this.#slots = slots;
    this.#rounds = onBeat(() => this.tell());
  }

  /** Tells those whose siblings, or the loads of these, have changed. */
  tell(): void {
    const ready = this.#slots().filter(({ state }) => state === "ready");
    const loads = ready.map(({ load }) => load).sort(byLoad);
    for (const slot of ready) slot.tellSiblings(loads.filter(({ port }) => port !== slot.port));
  }

  [Symbol.dispose](): void {
    this.#rounds[Symbol.dispose]();
  }
}

/** Transfers are what keeps a worker busy; of idle sessions it can have many. */
function byLoad(a: Sibling, b: Sibling): number {
  return a.transfers - b.transfers || a.sessions - b.sessions || a.port - b.port;
}
