import { spawnLife, type SpawnLifeOptions } from "./spawn_life.ts";
import { toFailure, type WorkerFailure } from "./worker_failure.ts";
import type { WorkerLife } from "./worker_life.ts";

/** What a rehearsal takes of what a life does: it never gets the port. */
export type RehearsalOptions = Omit<SpawnLifeOptions, "ports" | "purpose">;

/**
 * A worker that is started to see whether it would come up, beside the one that serves: up to where it
 * asks for the port, it does all that a worker does. By then its program has been loaded, and MsQuic,
 * the certificate and the storage have been opened. It is ended there.
 */
export class Rehearsal {
  readonly #cancelled = Promise.withResolvers<void>();
  /** Why it would not come up; `undefined` if it would, or if that is of interest no more. */
  readonly failure: Promise<WorkerFailure | undefined>;

  constructor(options: RehearsalOptions) {
    this.failure = this.#run(options);
  }

  /** Ends it early; resolves when nothing is left of it. */
  async cancel(): Promise<void> {
    this.#cancelled.resolve();
    await this.failure;
  }

  async #run(options: RehearsalOptions): Promise<WorkerFailure | undefined> {
    const arrived = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    const letGo = () => {
      arrived.resolve();
      return over.promise;
    };
    let life: WorkerLife;
    try {
      life = await spawnLife({ ...options, ports: { letGo }, purpose: "rehearsal" });
    } catch (error) {
      return toFailure(error);
    }
    const up = Promise.race([arrived.promise, this.#cancelled.promise]).then(() => undefined);
    const failure = await Promise.race([life.ended, up]);
    await life.discard();
    over.resolve();
    return failure;
  }
}
