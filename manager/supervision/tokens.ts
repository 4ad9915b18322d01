import type { StateDirectory } from "../state/state_directory.ts";
import {
  type MadeToken,
  type NewToken,
  type StoredToken,
  TokenStore,
} from "../state/token_store.ts";
import { TokenBoard } from "./token_board.ts";

/** The tokens of an instance besides its owner's: what is on disk, and what all workers know, are the same. */
export class Tokens {
  readonly #store: TokenStore;
  /** Where workers read which are good. */
  readonly board: TokenBoard;

  private constructor(store: TokenStore) {
    this.#store = store;
    this.board = new TokenBoard(store.tokens);
  }

  /** Reads them. @throws {StateError | NotPrivateError} As {@linkcode TokenStore.open}. */
  static async open(state: StateDirectory): Promise<Tokens> {
    return new Tokens(await TokenStore.open(state.tokensFile, state.instance));
  }

  /** All of them, those that have expired as well. */
  get all(): readonly StoredToken[] {
    return this.#store.tokens;
  }

  /** Makes a token; every worker knows it then. @throws As {@linkcode TokenStore.add}. */
  async add(wanted: NewToken): Promise<MadeToken> {
    const made = await this.#store.add(wanted);
    await this.#tell();
    return made;
  }

  /**
   * Makes another token in the place of one, whose sessions are over then.
   *
   * @throws As {@linkcode TokenStore.rotate}.
   */
  async rotate(name: string): Promise<MadeToken & { ended: number }> {
    const made = await this.#store.rotate(name);
    return { ...made, ended: await this.#tell() };
  }

  /**
   * Has another quota hold for a token, which its sessions go on with.
   *
   * @throws As {@linkcode TokenStore.setQuota}.
   */
  async setQuota(name: string, quotaBytes: number | undefined): Promise<StoredToken> {
    const stored = await this.#store.setQuota(name, quotaBytes);
    await this.#tell();
    return stored;
  }

  /**
   * Takes a token back.
   *
   * @returns How many sessions that has ended: all that there were.
   * @throws As {@linkcode TokenStore.revoke}.
   */
  async revoke(name: string): Promise<number> {
    await this.#store.revoke(name);
    return await this.#tell();
  }

  #tell(): Promise<number> {
    return this.board.post(this.#store.tokens);
  }
}
