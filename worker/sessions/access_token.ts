import { createHash, timingSafeEqual } from "node:crypto";

/** The token that clients must show. */
export class AccessToken {
  readonly #digest: Uint8Array;

  /** @throws {TypeError} The token is empty, so that everybody would have it. */
  constructor(token: string) {
    if (token === "") throw new TypeError("Cannot guard a server with an empty token");
    this.#digest = digest(token);
  }

  /** Whether it is what a client shows; takes the same time whatever that is. */
  matches(shown: string): boolean {
    return timingSafeEqual(this.#digest, digest(shown));
  }
}

/** Of equal length for all tokens, as comparing needs it. */
function digest(token: string): Uint8Array {
  return createHash("sha256").update(token).digest();
}
