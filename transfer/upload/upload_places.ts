import { counted } from "../../base/counted.ts";
import { ProtocolError } from "../../protocol/mod.ts";

/** After which time a client that finds no place may try again, in milliseconds. */
const RETRY_AFTER_MS = 1000;

/** How many uploads a process receives at once. */
export class UploadPlaces {
  readonly #places: number;
  #taken = 0;

  constructor(places: number) {
    this.#places = places;
  }

  /** How many there are. */
  get taken(): number {
    return this.#taken;
  }

  /** Takes a place, until it is disposed of. @throws {ProtocolError} `too-many-requests`. */
  enter(): Disposable {
    if (this.#taken >= this.#places) {
      throw new ProtocolError(
        "too-many-requests",
        `Server receives ${
          counted(this.#taken, "upload")
        }, which is as many as it may; try again later`,
        { retryAfterMs: RETRY_AFTER_MS },
      );
    }
    this.#taken++;
    let inside = true;
    return {
      [Symbol.dispose]: () => {
        if (inside) this.#taken--;
        inside = false;
      },
    };
  }
}
