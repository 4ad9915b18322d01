/**
 * A promise that is settled from outside.
 *
 * Unlike what `Promise.withResolvers` gives, the promise is made when somebody asks for it: of most
 * streams nobody does, and promises are a good part of what a short stream costs.
 */
export class Deferred {
  #outcome: "pending" | "resolved" | Error = "pending";
  #asked: PromiseWithResolvers<void> | undefined;

  /** Nobody has to look at it: a rejection is never reported as unhandled. */
  get promise(): Promise<void> {
    return (this.#asked ??= this.#ask()).promise;
  }

  /** It has happened. Only the first outcome counts. */
  resolve(): void {
    if (this.#outcome !== "pending") return;
    this.#outcome = "resolved";
    this.#asked?.resolve();
  }

  /** It will not happen any more. */
  reject(error: Error): void {
    if (this.#outcome !== "pending") return;
    this.#outcome = error;
    this.#asked?.reject(error);
  }

  #ask(): PromiseWithResolvers<void> {
    const asked = Promise.withResolvers<void>();
    asked.promise.catch(() => {});
    if (this.#outcome === "resolved") asked.resolve();
    else if (this.#outcome !== "pending") asked.reject(this.#outcome);
    return asked;
  }
}
