import { createHash, timingSafeEqual } from "node:crypto";
import { GRANTABLE_RIGHTS, type Right } from "../../protocol/mod.ts";

/** What whoever has the access token is allowed to do: everything. */
const RIGHTS: ReadonlySet<Right> = new Set<Right>(["none", ...GRANTABLE_RIGHTS]);

/** What is allowed to whoever has not shown it. */
export const NO_RIGHTS: ReadonlySet<Right> = new Set<Right>(["none"]);

/** The token that clients must show. */
export class AccessToken {
  readonly #digest: Uint8Array;

  /** @throws {TypeError} The token is empty, so that everybody would have it. */
  constructor(token: string) {
    if (token === "") throw new TypeError("Cannot guard a server with an empty token");
    this.#digest = digest(token);
  }

  /** What whoever has it is allowed to do. */
  get rights(): ReadonlySet<Right> {
    return RIGHTS;
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
