import { Transfer, type TransferParts } from "./transfer.ts";

/** The transfers that are under way in a worker. */
export class Transfers {
  /** The first that began is the first. */
  readonly #all = new Set<Transfer>();
  #serial = 0;

  /** One begins. */
  begin(parts: Omit<TransferParts, "serial">): Transfer {
    const transfer = new Transfer({ ...parts, serial: ++this.#serial });
    this.#all.add(transfer);
    return transfer;
  }

  /** One is over. */
  end(transfer: Transfer): void {
    this.#all.delete(transfer);
  }

  /** Those that are under way, of one session if one is named. */
  of(session?: string): Transfer[] {
    const all = [...this.#all];
    return session === undefined ? all : all.filter((one) => one.session.id === session);
  }

  /** How many each session has, by its id; those that have none are left out. */
  get counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { session: { id } } of this.#all) counts.set(id, (counts.get(id) ?? 0) + 1);
    return counts;
  }

  /**
   * Ends those with this id: several, if several requests are about the same upload.
   *
   * @returns Whether one could still be ended.
   */
  cancel(id: string, message: string | undefined): boolean {
    const those = this.of().filter((one) => one.id === id);
    return those.map((one) => one.cancel(message)).includes(true);
  }
}
