import { fileURLToPath } from "node:url";
import { compare, type Line } from "./line.ts";
import type { Machine } from "./machine.ts";
import type { BenchOptions } from "./options.ts";

/** Everything that a run has found out. */
export interface Results {
  date: Date;
  machine: Machine;
  options: BenchOptions;
  lines: readonly Line[];
  /** What was not measured, and why. */
  skipped: readonly { what: string; reason: string }[];
}

/** Where results are written to. */
export const RESULTS_FILE = fileURLToPath(new URL("./results.json", import.meta.url));

/** Writes results as JSON: every round, and what the table shows. */
export async function writeResults(results: Results): Promise<void> {
  const lines = results.lines.map((line) => ({ ...line, ...compare(line) }));
  const text = JSON.stringify({ ...results, lines }, null, 2);
  await Deno.writeTextFile(RESULTS_FILE, `${text}\n`);
}
