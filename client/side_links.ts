import { getLogger } from "@logtape/logtape";
import { delay } from "../base/mod.ts";
import type { Link, LinkUse } from "./link.ts";

const logger = getLogger(["msquicd", "client"]);

/** How often a connection is tried to be made, one attempt after the other, until it is done without. */
const MAX_DIALS = 5;

/** How long to wait after the first of them that failed, in milliseconds; longer with each. */
const WAIT_MS = 200;

/** Makes one more connection; see `Roaming.beside`. */
export type DialBeside = (turn: number, signal: AbortSignal) => Promise<Link>;

/** Connections beside the one that a client's requests go to, for one transfer. They are numbered from 0 up. */
export class SideLinks implements AsyncDisposable {
  readonly #dial: DialBeside;
  readonly #links = new Map<number, Promise<Link>>();
  readonly #closing = new AbortController();
  /** All that were made, until they are over. */
  readonly #all = new Set<Link>();
  #turns = 0;

  constructor(dial: DialBeside) {
    this.#dial = dial;
  }

  /**
   * Runs a request on one of them, which is made if it is not there. Where it is lost, the next request gets
   * another one.
   *
   * @throws What the request throws; if there is no connection to be had, why.
   */
  async run<Result>(number: number, request: (use: LinkUse) => Promise<Result>): Promise<Result> {
    const link = await this.#link(number);
    using use = link.use();
    return await request(use);
  }

  /** Ends all of them. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#links.values());
    await Promise.all(Array.from(this.#all, (link) => link.close()));
  }

  #link(number: number): Promise<Link> {
    const known = this.#links.get(number);
    if (known !== undefined) return known;
    const made = this.#make();
    this.#links.set(number, made);
    const forget = () => {
      if (this.#links.get(number) === made) this.#links.delete(number);
    };
    made.then((link) => {
      link.ended.then(forget);
      link.goAway.then(() => {
        forget();
        link.retire();
      });
    }, forget);
    return made;
  }

  async #make(): Promise<Link> {
    const { signal } = this.#closing;
    for (let failed = 1;; failed++) {
      signal.throwIfAborted();
      try {
        const link = await this.#dial(this.#turns++, signal);
        this.#all.add(link);
        link.ended.then(() => this.#all.delete(link));
        if (signal.aborted) await link.close();
        return link;
      } catch (error) {
        signal.throwIfAborted();
        logger.debug("Cannot connect once more: {error}", { error });
        if (failed === MAX_DIALS) throw error;
        await delay(failed * WAIT_MS, signal);
      }
    }
  }
}
