import type { Sibling } from "../ipc/mod.ts";

/** With fewer sessions than this, no client is sent elsewhere. */
const MIN_SESSIONS = 4;

/** How many times as many sessions as a sibling a worker must have to send clients there. */
const IMBALANCE = 2;

/** What a client is told of the other workers when it says hello. */
export interface Directions {
  /** Their ports, least loaded first. */
  siblings?: number[];
  /** The one to use instead. */
  prefer?: number;
}

/** The other workers of this one's manager, as far as it has told. */
export class Siblings {
  #known: Sibling[] = [];
  #told = false;

  /** Takes what the manager tells: the least loaded first. */
  update(siblings: readonly Sibling[]): void {
    this.#told = true;
    this.#known = siblings.map((sibling) => ({ ...sibling }));
  }

  /** Their ports, least loaded first. */
  get ports(): number[] {
    return this.#known.map(({ port }) => port);
  }

  /**
   * What to tell a client.
   *
   * A client that is sent elsewhere is counted there at once, so that of many who come between two
   * reports of the manager not all are sent to the same one.
   *
   * @param sessions How many this worker has, with the client's.
   */
  directions(sessions: number): Directions {
    if (!this.#told) return {};
    const siblings = this.ports;
    const emptiest = this.#emptiest();
    if (emptiest === undefined) return { siblings };
    // As it would be after the move: else the client's next hello could send it back.
    const there = emptiest.sessions + 1;
    if (sessions < MIN_SESSIONS || sessions <= IMBALANCE * there) return { siblings };
    emptiest.sessions = there;
    return { siblings, prefer: emptiest.port };
  }

  #emptiest(): Sibling | undefined {
    let emptiest = this.#known[0];
    for (const sibling of this.#known) {
      if (sibling.sessions < (emptiest?.sessions ?? 0)) emptiest = sibling;
    }
    return emptiest;
  }
}
