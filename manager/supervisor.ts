import type { WorkerStatus } from "../handlers/commands/mod.ts";
import { type WorkerFailure, WorkerStartError } from "./worker_failure.ts";
import type { StopOptions, WorkerSlot } from "./worker_slot.ts";

/** Starts all workers or none, and stops them together. */
export class Supervisor {
  readonly #slots: readonly WorkerSlot[];

  constructor(slots: readonly WorkerSlot[]) {
    this.#slots = slots;
  }

  /** Version of the workers' MsQuic library, once one has told. */
  get msquic(): string | undefined {
    return this.#slots.find((slot) => slot.msquic !== undefined)?.msquic;
  }

  /**
   * Starts all workers side by side. If one does not become ready, or `signal` is aborted, all are
   * stopped again.
   *
   * @throws {WorkerStartError} If one does not become ready; or what `signal` was aborted with.
   */
  async start(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const failures = new Map<number, WorkerFailure>();
    const { promise: givenUp, resolve } = Promise.withResolvers<void>();
    const giveUp = () => resolve();
    signal?.addEventListener("abort", giveUp, { once: true });
    const starts = this.#slots.map(async (slot) => {
      const failure = await slot.start();
      if (!failure) return;
      failures.set(slot.port, failure);
      giveUp();
    });
    await Promise.race([Promise.all(starts), givenUp]);
    signal?.removeEventListener("abort", giveUp);
    if (failures.size === 0 && !signal?.aborted) return;
    await this.stop({ now: true, deadlineMs: 0 });
    await Promise.all(starts);
    signal?.throwIfAborted();
    throw new WorkerStartError(failures);
  }

  /** Stops all workers side by side. May be called again, with `now`, to hurry them up. */
  async stop(options: StopOptions): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.stop(options)));
  }

  status(): WorkerStatus[] {
    return this.#slots.map((slot) => slot.status());
  }
}
