import type { TokenGrant } from "../../base/token_grant.ts";

/** Takes note of which tokens are good. @returns How many sessions that has ended. */
export type TokenReader = (tokens: readonly TokenGrant[]) => Promise<number>;

/** Which tokens are good, for every worker to know, and to know at once when that changes. */
export class TokenBoard {
  #tokens: readonly TokenGrant[];
  readonly #readers = new Set<TokenReader>();

  constructor(tokens: readonly TokenGrant[]) {
    this.#tokens = tokens;
  }

  /** Those that are good. */
  get current(): readonly TokenGrant[] {
    return this.#tokens;
  }

  /** Tells somebody of all that changes from now on. @returns Disposed of, it does so no more. */
  join(reader: TokenReader): Disposable {
    this.#readers.add(reader);
    return { [Symbol.dispose]: () => void this.#readers.delete(reader) };
  }

  /**
   * Has others be good.
   *
   * @returns How many sessions of tokens that are good no more that has ended, once all have taken note.
   */
  async post(tokens: readonly TokenGrant[]): Promise<number> {
    this.#tokens = tokens;
    const ended = await Promise.all(Array.from(this.#readers, (read) => read(tokens)));
    return ended.reduce((sum, count) => sum + count, 0);
  }
}
