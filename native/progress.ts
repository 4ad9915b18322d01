const TERMINAL_INTERVAL_MS = 1000;
const LOG_INTERVAL_MS = 20_000;

/**
 * Shows on standard error that a long task is alive and for how long it has run: one line that is
 * painted over on a terminal, a new line every 20 seconds elsewhere.
 */
export class Progress implements Disposable {
  readonly #label: string;
  readonly #terminal = Deno.stderr.isTerminal();
  readonly #start = performance.now();
  readonly #timer: ReturnType<typeof setInterval>;
  #ended = false;
  /** What is being done right now. */
  step = "";

  constructor(label: string) {
    this.#label = label;
    const interval = this.#terminal ? TERMINAL_INTERVAL_MS : LOG_INTERVAL_MS;
    this.#timer = setInterval(() => this.#show(), interval);
  }

  /** How long it has run, in whole seconds. */
  get seconds(): number {
    return Math.round((performance.now() - this.#start) / 1000);
  }

  #show(): void {
    const text = `${this.#label}: ${this.seconds} s${this.step && `, ${this.step}`}`;
    if (!this.#terminal) return console.error(text);
    this.#write(`\r\x1b[K${text.slice(0, Deno.consoleSize().columns - 1)}`);
  }

  #write(text: string): void {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  }

  /** Prints how it ended, in place of the line that was painted over. */
  end(text: string): void {
    this[Symbol.dispose]();
    console.error(text);
  }

  [Symbol.dispose](): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#timer);
    if (this.#terminal) this.#write("\r\x1b[K");
  }
}
