import { getLogger } from "@logtape/logtape";
import { RequestFailedError } from "../../ipc/mod.ts";
import type { UsedFiles } from "../state/used_pairs.ts";
import type { WorkerSlot } from "./worker_slot.ts";

const logger = getLogger(["msquicd", "manager"]);

/** Has all ready workers present the same certificate. */
export class PresentedCertificate {
  readonly #slots: () => readonly WorkerSlot[];
  readonly #files: () => UsedFiles;
  readonly #told: () => void;
  /** Whether a change is under way, which tells them itself. */
  #changing = false;

  /**
   * @param slots The workers there are at the moment.
   * @param files What they are to present.
   * @param told Is called when one of them presents another one that it was told of by {@linkcode tell}.
   */
  constructor(slots: () => readonly WorkerSlot[], files: () => UsedFiles, told: () => void) {
    this.#slots = slots;
    this.#files = files;
    this.#told = told;
  }

  /**
   * Has them present another one, one after the other: the first finds out whether it can be used.
   *
   * @throws {RequestFailedError} It cannot, says the first one; the others were not told.
   */
  async change(files: UsedFiles): Promise<void> {
    this.#changing = true;
    try {
      let used = false;
      for (const slot of this.#ready) {
        try {
          await slot.present(files);
          used = true;
        } catch (error) {
          if (!used && error instanceof RequestFailedError) throw error;
          warn(slot.port, error);
        }
      }
    } finally {
      this.#changing = false;
    }
  }

  /** Tells those ready workers that do not present it: one that has started meanwhile, or was adopted. */
  tell(): void {
    if (this.#changing) return;
    for (const slot of this.#ready) {
      slot.present(this.#files()).then(this.#told).catch((error: unknown) =>
        warn(slot.port, error)
      );
    }
  }

  get #ready(): WorkerSlot[] {
    return this.#slots().filter(({ state }) => state === "ready");
  }
}

function warn(port: number, error: unknown): void {
  logger.warning("Worker {port} goes on with the certificate that it has: {error}; restart it", {
    port,
    error,
  });
}
