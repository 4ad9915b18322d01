/** Messages that may wait until they are looked at before the peer is kept waiting. */
const MAX_WAITING = 256;

/** One-way messages between the reading of the rings and who iterates over them. */
export class MessageQueue<Message> {
  readonly #messages: Message[] = [];
  #urgent = 0;
  #waiter: PromiseWithResolvers<void> | undefined;
  #room: PromiseWithResolvers<void> | undefined;
  #iterating = false;
  #end: { error?: unknown } | undefined;

  /** Adds a message, an urgent one before all that are not. */
  push(message: Message, urgent: boolean): void {
    if (urgent) this.#messages.splice(this.#urgent++, 0, message);
    else this.#messages.push(message);
    this.#waiter?.resolve();
  }

  /** Resolves when there is room for more. */
  room(): Promise<void> {
    if (this.#messages.length < MAX_WAITING || this.#end) return Promise.resolve();
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /** Takes out what nobody has looked at yet. */
  drain(): Message[] {
    this.#urgent = 0;
    this.#makeRoom();
    return this.#messages.splice(0);
  }

  /** There will be no more: what waits is dropped. The first reason stays. */
  end(reason: { error?: unknown }): void {
    this.#end ??= reason;
    this.#waiter?.resolve();
    this.#makeRoom();
  }

  /**
   * The messages until the end, or until the signal is aborted. One iteration at a time.
   *
   * @param before Is called before each look: adds what may have come meanwhile.
   */
  async *iterate(signal: AbortSignal | undefined, before: () => void): AsyncGenerator<Message> {
    if (this.#iterating) throw new Error("Cannot receive: the messages are being received already");
    this.#iterating = true;
    const wake = (): void => this.#waiter?.resolve();
    signal?.addEventListener("abort", wake);
    try {
      while (!signal?.aborted) {
        if (!this.#end) before();
        if (this.#end) return this.#finish(this.#end);
        const message = this.#take();
        if (message !== undefined) {
          yield message;
        } else {
          this.#waiter = Promise.withResolvers();
          await this.#waiter.promise;
        }
      }
    } finally {
      signal?.removeEventListener("abort", wake);
      this.#iterating = false;
    }
  }

  #take(): Message | undefined {
    const message = this.#messages.shift();
    if (this.#urgent > 0) this.#urgent--;
    if (this.#messages.length <= MAX_WAITING >> 1) this.#makeRoom();
    return message;
  }

  #finish(end: { error?: unknown }): void {
    if ("error" in end) throw end.error;
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}
