import type { ActionOutput } from "../../protocol/mod.ts";

/** How long there is nothing to say, in milliseconds, before the client is shown that the action goes on. */
const SIGN_OF_LIFE_MS = 2000;

/**
 * Gives what an action writes to its client, part by part. While there is nothing, it gives empty parts: a
 * client that has gone without a word is noticed by what it does not acknowledge.
 */
export class OutputGiver implements Disposable {
  readonly #give: (output: ActionOutput) => Promise<void>;
  readonly #timer: ReturnType<typeof setInterval>;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #quiet = false;

  /** @param give Takes one part at a time; resolves when it may have the next. */
  constructor(give: (output: ActionOutput) => Promise<void>) {
    this.#give = give;
    this.#timer = setInterval(() => {
      if (this.#quiet && this.#waiting === 0) this.put({}).catch(() => {}); // told by the next one
      this.#quiet = true;
    }, SIGN_OF_LIFE_MS);
  }

  /** Resolves when the next part is wanted. @throws {Error} None is wanted any more. */
  put(output: ActionOutput): Promise<void> {
    this.#quiet = false;
    this.#waiting++;
    this.#last = this.#last.then(() => this.#give(output)).finally(() => this.#waiting--);
    return this.#last;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
