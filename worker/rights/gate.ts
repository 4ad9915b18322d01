import { createHash, timingSafeEqual } from "node:crypto";
import { type Identity, OWNER } from "./identity.ts";

/** Knows who a client is by what it shows. */
export class Gate {
  readonly #owner: Uint8Array;

  /**
   * @param token Whoever shows it may do everything.
   * @throws {TypeError} It is empty, so that everybody would have it.
   */
  constructor(token: string) {
    if (token === "") throw new TypeError("Cannot guard a server with an empty token");
    this.#owner = digest(token);
  }

  /** Who has the token that a client shows; takes the same time whatever that is. */
  identify(shown: string): Identity | undefined {
    return timingSafeEqual(this.#owner, digest(shown)) ? OWNER : undefined;
  }
}

/** Of equal length for all tokens, as comparing needs it. */
function digest(token: string): Uint8Array {
  return createHash("sha256").update(token).digest();
}
