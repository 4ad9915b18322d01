import { stripVTControlCharacters } from "node:util";

/** How `deno test` begins the line that it ends with. */
const BEGINNING = /^(ok|FAILED) \| \d+ passed\b/;

/** A part of it, like `957 passed (61 steps)`; what took how long follows the last one. */
const PART = /^(\d+) ([a-z ]+?)(?: \((\d+) steps?\))?(?: \(\w+\))?$/;

/** What was counted, and in what order to tell it. */
const WORDS = ["passed", "failed", "ignored", "measured", "filtered out"] as const;

/** How many tests, and how many steps of them. */
interface Count {
  tests: number;
  steps: number;
}

/** What `deno test` says at its end. */
export interface Summary {
  ok: boolean;
  /** By {@linkcode WORDS}. */
  counts: Map<string, Count>;
}

/** The last summary in what `deno test` printed; `undefined` if it did not get that far. */
export function findSummary(output: string): Summary | undefined {
  const lines = stripVTControlCharacters(output).split("\n");
  const line = lines.findLast((line) => BEGINNING.test(line));
  if (line === undefined) return undefined;
  const [verdict, ...parts] = line.trimEnd().split(" | ");
  const counts = new Map<string, Count>();
  for (const part of parts) {
    const [, tests, word, steps = 0] = PART.exec(part) ?? [];
    if (word !== undefined) counts.set(word, { tests: Number(tests), steps: Number(steps) });
  }
  return { ok: verdict === "ok", counts };
}

/** Adds summaries up; without one of them, all is not well. */
export function addUp(summaries: readonly (Summary | undefined)[]): Summary {
  const counts = new Map<string, Count>();
  for (const word of WORDS) {
    const found = summaries.map((summary) => summary?.counts.get(word) ?? { tests: 0, steps: 0 });
    const tests = found.reduce((sum, count) => sum + count.tests, 0);
    const steps = found.reduce((sum, count) => sum + count.steps, 0);
    counts.set(word, { tests, steps });
  }
  return { ok: summaries.every((summary) => summary?.ok), counts };
}

/** The line that `deno test` would have written. */
export function formatSummary({ ok, counts }: Summary, ms: number): string {
  const parts: string[] = [ok ? "ok" : "FAILED"];
  for (const [word, { tests, steps }] of counts) {
    // As there, what is mostly nothing is named only when it is something.
    if (tests === 0 && steps === 0 && word !== "passed" && word !== "failed") continue;
    const inSteps = steps === 0 ? "" : ` (${steps} ${steps === 1 ? "step" : "steps"})`;
    parts.push(`${tests} ${word}${inSteps}`);
  }
  return `${parts.join(" | ")} (${formatDuration(ms)})`;
}

function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
