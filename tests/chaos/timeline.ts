/** What happened when: printed as it happens, and kept. */
export class Timeline {
  readonly #start = performance.now();
  /** What went wrong. */
  readonly failures: string[] = [];
  readonly counts = new Map<string, number>();
  readonly #write: (line: string) => void;

  constructor(write: (line: string) => void = console.log) {
    this.#write = write;
  }

  /** Something was done. */
  did(kind: string, what: string): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    this.#print(`${kind}  ${what}`);
  }

  /** Something followed from it. */
  saw(what: string): void {
    this.#print(`  ${what}`);
  }

  /** Something that must not be. */
  failed(what: string): void {
    this.failures.push(what);
    this.#print(`FAILED  ${what}`);
  }

  #print(text: string): void {
    const seconds = ((performance.now() - this.#start) / 1000).toFixed(3);
    this.#write(`${seconds.padStart(8)} s  ${text}`);
  }
}
