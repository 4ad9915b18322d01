import { within } from "../ffi/within.ts";

/** Something that cannot be checked on this machine. */
export class NotChecked extends Error {
  override readonly name = "NotChecked";
}

/** How long a check may take before it is called stuck, in milliseconds. */
const LIMIT_MS = 120_000;

/** Runs checks one after the other, and prints a line about each. */
export class Transcript {
  #passed = 0;
  #failed = 0;
  #skipped = 0;

  /** Prints a heading and runs the checks below it. */
  async part(title: string, checks: () => Promise<void>): Promise<void> {
    console.log(`\n${title}`);
    try {
      await checks();
    } catch (error) {
      this.#fail("what the checks need", error);
    }
  }

  /** Prints a line that is no check. */
  note(text: string): void {
    console.log(text);
  }

  /**
   * Runs a check. A failure is printed, and does not keep the next ones from being run.
   *
   * @param check May return what is worth knowing, such as a figure.
   */
  async check(name: string, check: () => Promise<string | void>): Promise<void> {
    try {
      const figure = await within(LIMIT_MS, name, check());
      this.#passed++;
      print("ok", name, figure);
    } catch (error) {
      if (!(error instanceof NotChecked)) return this.#fail(name, error);
      this.#skipped++;
      print("--", name, `not checked: ${error.message}`);
    }
  }

  /** Prints the numbers. @returns The exit code. */
  end(): number {
    console.log(`\n${this.#passed} passed, ${this.#failed} failed, ${this.#skipped} not checked`);
    return this.#failed === 0 ? 0 : 1;
  }

  #fail(name: string, error: unknown): void {
    this.#failed++;
    print("FAILED", name, error instanceof Error ? error.stack ?? error.message : `${error}`);
  }
}

function print(outcome: string, name: string, more: string | void): void {
  console.log(`  ${outcome.padEnd(6)} ${name}${more ? `: ${more}` : ""}`);
}

/** A rate as people read it. */
export function rate(bytes: number, ms: number): string {
  return `${(bytes / 2 ** 20 / (ms / 1000)).toFixed(1)} MiB/s`;
}

/** A number of bytes as people read it. */
export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

/** A time as people read it. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
