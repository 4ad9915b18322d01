import { createHash } from "node:crypto";
import { isTime, isTokenGrant, MAX_TOKENS, type TokenGrant } from "../../base/token_grant.ts";
import { newToken } from "./new_token.ts";
import { MAX_BYTES, readPrivateFile, writePrivateFile } from "./private_files.ts";
import { StateError } from "./state_errors.ts";
import {
  NoTokenError,
  TokenExistsError,
  TokenExpiredError,
  TooManyTokensError,
} from "./token_errors.ts";

/** A token, as it is kept. */
export interface StoredToken extends TokenGrant {
  /** When it was made, in milliseconds since 1970-01-01 UTC. */
  readonly createdAt: number;
}

/** What a new token is to allow. */
export type NewToken = Omit<TokenGrant, "digest">;

/** A token that was just made: nobody can be told it again. */
export interface MadeToken {
  readonly token: string;
  readonly stored: StoredToken;
}

/** What is in the file. */
const VERSION = 1;

/**
 * The tokens of an instance besides its owner's, in a file that has their digests only. One change at a
 * time: each is on disk before it is known of.
 */
export class TokenStore {
  readonly #path: string;
  readonly #instance: string;
  #tokens: readonly StoredToken[];
  #changing: Promise<unknown> = Promise.resolve();

  private constructor(path: string, instance: string, tokens: readonly StoredToken[]) {
    this.#path = path;
    this.#instance = instance;
    this.#tokens = tokens;
  }

  /**
   * Reads the file; where there is none, there are no tokens.
   *
   * @param instance Its name, for advice.
   * @throws {StateError} It is there, and makes no sense: that is not the same as no tokens.
   * @throws {NotPrivateError} Others can get at it.
   */
  static async open(path: string, instance: string): Promise<TokenStore> {
    const text = await readPrivateFile(path);
    return new TokenStore(path, instance, text === undefined ? [] : parse(text, path));
  }

  /** All of them, those that have expired as well, in the order in which they were made. */
  get tokens(): readonly StoredToken[] {
    return this.#tokens;
  }

  /** Makes a token. @throws {TokenExistsError | TooManyTokensError | StateError} */
  async add(wanted: NewToken): Promise<MadeToken> {
    return await this.#change((tokens) => {
      if (tokens.some(({ name }) => name === wanted.name)) {
        throw new TokenExistsError(wanted.name, this.#instance);
      }
      if (tokens.length >= MAX_TOKENS) throw new TooManyTokensError();
      const made = make({ ...wanted, createdAt: Date.now() });
      return { tokens: [...tokens, made.stored], result: made };
    });
  }

  /** Makes another token of the same name, for the same things. @throws as `revoke` does. */
  async rotate(name: string): Promise<MadeToken> {
    return await this.#change((tokens) => {
      const { digest: _before, ...present } = this.#find(tokens, name);
      if ((present.expiresAt ?? Infinity) <= Date.now()) throw new TokenExpiredError(name);
      const made = make({ ...present, createdAt: Date.now() });
      return {
        tokens: tokens.map((token) => token.name === name ? made.stored : token),
        result: made,
      };
    });
  }

  /**
   * Has another quota hold for a token.
   *
   * @param quotaBytes `undefined` for none.
   * @throws {NoTokenError | StateError}
   */
  async setQuota(name: string, quotaBytes: number | undefined): Promise<StoredToken> {
    return await this.#change((tokens) => {
      const { quotaBytes: _before, ...present } = this.#find(tokens, name);
      const changed = quotaBytes === undefined ? present : { ...present, quotaBytes };
      return {
        tokens: tokens.map((token) => token.name === name ? changed : token),
        result: changed,
      };
    });
  }

  /** Takes a token back. @throws {NoTokenError | StateError} */
  async revoke(name: string): Promise<void> {
    await this.#change((tokens) => {
      const revoked = this.#find(tokens, name);
      return { tokens: tokens.filter((token) => token !== revoked), result: undefined };
    });
  }

  #find(tokens: readonly StoredToken[], name: string): StoredToken {
    const found = tokens.find((token) => token.name === name);
    if (found === undefined) throw new NoTokenError(name, this.#instance);
    return found;
  }

  async #change<Result>(
    change: (tokens: readonly StoredToken[]) => { tokens: StoredToken[]; result: Result },
  ): Promise<Result> {
    const changing = this.#changing.then(async () => {
      const { tokens, result } = change(this.#tokens);
      const text = `${JSON.stringify({ version: VERSION, tokens }, null, 2)}\n`;
      // What could not be read back would lock everybody out. It is ASCII.
      if (text.length > MAX_BYTES) throw new TooManyTokensError();
      await writePrivateFile(this.#path, text);
      this.#tokens = tokens;
      return result;
    });
    this.#changing = changing.catch(() => {});
    return await changing;
  }
}

function make(wanted: Omit<StoredToken, "digest">): MadeToken {
  const token = newToken();
  const digest = createHash("sha256").update(token).digest("hex");
  return { token, stored: { ...wanted, digest } };
}

/** @throws {StateError} */
function parse(text: string, path: string): StoredToken[] {
  const refuse = (problem: string): StateError =>
    new StateError(
      `Cannot use the tokens in "${path}": ${problem}; put back what was there, or remove the ` +
        "file to revoke all tokens but the owner's",
    );
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw refuse("it is no JSON");
  }
  if (!isObject(content) || content.version !== VERSION || !Array.isArray(content.tokens)) {
    throw refuse("it is no list of tokens of this version");
  }
  const tokens: unknown[] = content.tokens;
  if (tokens.length > MAX_TOKENS) throw refuse(`it has more than ${MAX_TOKENS}`);
  const odd = tokens.findIndex((token) => !isStored(token));
  if (odd >= 0) throw refuse(`number ${odd + 1} of them makes no sense`);
  const stored = tokens as StoredToken[];
  for (const key of ["name", "digest"] as const) {
    if (new Set(stored.map((token) => token[key])).size < stored.length) {
      throw refuse(`two have the same ${key}`);
    }
  }
  return stored;
}

function isStored(value: unknown): value is StoredToken {
  if (!isObject(value)) return false;
  const { createdAt, ...grant } = value;
  return isTime(createdAt) && isTokenGrant(grant);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
