import { ProtocolError } from "../protocol/mod.ts";

/** What the other side has of a file up to the end of each chunk: it comes one by one. */
export class Digests {
  readonly #all: PromiseWithResolvers<Uint8Array>[];
  #known = 0;

  /** @param count How many there are to be. */
  constructor(count: number) {
    this.#all = Array.from({ length: count }, () => Promise.withResolvers<Uint8Array>());
    // Whoever waits for one looks at it.
    for (const { promise } of this.#all) promise.catch(() => {});
  }

  /** That of a chunk, when it is known. */
  of(chunk: number): Promise<Uint8Array> {
    return this.#all[chunk]?.promise ?? Promise.reject(tooFew());
  }

  /** One has come: the first time counts. */
  set(chunk: number, digest: Uint8Array): void {
    this.#all[chunk]?.resolve(digest);
    this.#known = Math.max(this.#known, chunk + 1);
  }

  /** No more come. */
  end(): void {
    for (const { reject } of this.#all.slice(this.#known)) reject(tooFew());
  }
}

function tooFew(): ProtocolError {
  return new ProtocolError("bad-body", "Server has told of fewer chunks than the file has");
}
