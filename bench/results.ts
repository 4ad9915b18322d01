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

/**
 * Writes results as JSON: every round, and what the table shows. Lines of earlier runs that were not
 * measured now stay; those of a run of some rows alone say when they were measured.
 *
 * @returns All lines that are there now.
 */
export async function writeResults(results: Results): Promise<Line[]> {
  const before = await readResults();
  const merged = before === undefined ? results : merge(before, results);
  const lines = merged.lines.map((line) => ({ ...line, ...compare(line) }));
  const text = JSON.stringify({ ...merged, lines }, null, 2);
  await Deno.writeTextFile(RESULTS_FILE, `${text}\n`);
  return lines;
}

async function readResults(): Promise<Results | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(RESULTS_FILE));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** What is known after a run: date, machine and options are those of the last run of everything. */
export function merge(before: Results, now: Results): Results {
  const partial = now.options.only.length > 0;
  const lines = now.lines.map((line) =>
    partial ? { ...line, measured: now.date.toISOString() } : line
  );
  const names = new Set(lines.map(({ name }) => name));
  const kept = before.lines.filter(({ name }) => !names.has(name));
  if (!partial) return { ...now, lines: [...lines, ...kept] };
  return { ...before, lines: [...kept, ...lines] };
}
