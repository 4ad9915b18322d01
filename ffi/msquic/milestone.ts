/**
 * Something that happens once, or fails to.
 *
 * Its promise is made when somebody asks for it: of most streams nobody does, and promises are a good
 * part of what a short stream costs.
 */
export class Milestone {
  #outcome: "ahead" | "reached" | Error = "ahead";
  #asked: PromiseWithResolvers<void> | undefined;

  /** Resolves when it is reached, and rejects when it will not be; nobody has to look at it. */
  get promise(): Promise<void> {
    return (this.#asked ??= this.#ask()).promise;
  }

  /** It has happened. Only the first outcome counts. */
  reach(): void {
    if (this.#outcome !== "ahead") return;
    this.#outcome = "reached";
    this.#asked?.resolve();
  }

  /** It will not happen any more. */
  miss(error: Error): void {
    if (this.#outcome !== "ahead") return;
    this.#outcome = error;
    this.#asked?.reject(error);
  }

  #ask(): PromiseWithResolvers<void> {
    const asked = Promise.withResolvers<void>();
    asked.promise.catch(() => {});
    if (this.#outcome === "reached") asked.resolve();
    else if (this.#outcome !== "ahead") asked.reject(this.#outcome);
    return asked;
  }
}
