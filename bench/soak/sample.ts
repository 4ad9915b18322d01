import { residentBytes } from "../process_status.ts";
import type { Tally } from "./load.ts";

/** How things stood at a moment of the soak. */
export interface Sample {
  /** Since the start. */
  seconds: number;
  /** Resident memory by process, in bytes. */
  memory: Readonly<Record<string, number>>;
  /** What was done per second since the sample before. */
  rates: Readonly<Tally>;
}

/** Takes samples of processes under load. */
export class Sampler {
  readonly #processes: Readonly<Record<string, number>>;
  readonly #tally: Readonly<Tally>;
  readonly #start = performance.now();
  #before: Tally;
  #at = 0;

  /**
   * @param processes Their ids by the names to show.
   * @param tally What has been done so far; it goes on changing.
   */
  constructor(processes: Readonly<Record<string, number>>, tally: Readonly<Tally>) {
    this.#processes = processes;
    this.#tally = tally;
    this.#before = { ...tally };
  }

  async take(): Promise<Sample> {
    const seconds = (performance.now() - this.#start) / 1000;
    const rates = ratesBetween(this.#before, this.#tally, seconds - this.#at);
    this.#before = { ...this.#tally };
    this.#at = seconds;
    const memory: Record<string, number> = {};
    for (const [name, pid] of Object.entries(this.#processes)) {
      memory[name] = residentBytes(await Deno.readTextFile(`/proc/${pid}/status`));
    }
    return { seconds, memory, rates };
  }
}

/** What was done per second between two moments. */
export function ratesBetween(before: Tally, after: Tally, seconds: number): Tally {
  return {
    requests: (after.requests - before.requests) / seconds,
    connects: (after.connects - before.connects) / seconds,
    uploads: (after.uploads - before.uploads) / seconds,
    uploadedBytes: (after.uploadedBytes - before.uploadedBytes) / seconds,
    failures: (after.failures - before.failures) / seconds,
  };
}
