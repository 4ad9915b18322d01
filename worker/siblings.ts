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

  /** Takes what the manager tells. */
  update(siblings: readonly Sibling[]): void {
    this.#known = siblings.map((sibling) => ({ ...sibling })).sort(byLoad);
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
    if (this.#known.length === 0) return {};
    const siblings = this.ports;
    const [least] = this.#known;
    // As it would be after the move: else the client's next hello could send it back.
    if (
      least === undefined || sessions < MIN_SESSIONS ||
      sessions <= IMBALANCE * (least.sessions + 1)
    ) return { siblings };
    least.sessions++;
    this.#known.sort(byLoad);
    return { siblings, prefer: least.port };
  }
}

function byLoad(a: Sibling, b: Sibling): number {
  return a.sessions - b.sessions || a.transfers - b.transfers;
}
