import { join } from "node:path";
import { type Arena, KEPT } from "./arena.ts";
import { waitFor } from "../e2e/harness.ts";
import type { Findings } from "./findings.ts";
import { facts, keptIn, type Sample } from "./watch.ts";

/** By how much the worker's memory may grow from the third quarter of the run to the last, in bytes. */
const GROWTH = 24 * 2 ** 20;

/** With fewer samples memory has not levelled off yet. */
const ENOUGH_SAMPLES = 40;

/** Files that may be open more than before: what the runtime opens when it first needs it. */
const MORE_FILES = 8;

/** Looks for what a run has left in a worker that has nothing to do any more. */
export async function checkAfterwards(
  arena: Arena,
  samples: readonly Sample[],
  filesBefore: number,
  findings: Findings,
): Promise<void> {
  await checkWorker(arena, findings);
  checkMemory(samples, findings);
  const { root, state, directory } = arena.site;
  await settles(
    "as few files open as before",
    findings,
    () => facts(arena.startedAs).files <= filesBefore + MORE_FILES,
  );
  await settles(
    "no more kept of uploads than is configured",
    findings,
    () => keptIn(root) <= KEPT.count,
  );
  if (!await arena.outsideIsUntouched()) {
    findings.add("A file outside of the root was touched", directory);
  }
  const beside = Array.from(Deno.readDirSync(directory), ({ name }) => name).sort().join(" ");
  if (beside !== "fuzz.jsonc outside state storage") {
    findings.add("Something is beside the root", beside);
  }
  for (const odd of oddIn(root)) findings.add("The root has what nobody can have stored", odd);
  for (const line of arena.log.split("\n")) {
    if (/ (ERROR|FATAL) /.test(line)) findings.add("The server logs an error", line);
  }
  const { texts } = arena.secrets;
  const told = texts.find((text) => text !== state && arena.log.includes(text));
  if (told !== undefined) findings.add("A secret is told", "in the log");
  await arena.removeKept();
  const { code, stderr } = await arena.site.run("shutdown");
  if (code !== 0) findings.add("The server does not shut down", stderr);
  await arena.site.assertNothingLeft().catch((error) =>
    findings.add("Something is left", `${error.message} ${state}`)
  );
}

async function checkWorker(arena: Arena, findings: Findings): Promise<void> {
  const idle = async () => {
    const { workers: [worker] } = await arena.status();
    return worker?.sessions === 0 && worker.transfers === 0;
  };
  await settles("no session and no transfer", findings, idle);
  const { workers: [worker] } = await arena.status();
  if (worker?.pid === arena.startedAs && worker.restarts === 0) return;
  findings.add("The worker was lost", worker?.lastError ?? "nobody knows why");
}

/** Memory grows while there is more to keep; then it levels off. */
function checkMemory(samples: readonly Sample[], findings: Findings): void {
  if (samples.length < ENOUGH_SAMPLES) return;
  const [before, after] = quarters(samples);
  if (after - before < GROWTH) return;
  findings.add("Memory goes on growing", `${before >> 20} MB, then ${after >> 20} MB`);
}

/** The median of the memory in the third quarter, and in the last. */
export function quarters(samples: readonly Sample[]): [third: number, last: number] {
  const quarter = Math.floor(samples.length / 4);
  return [median(samples.slice(-2 * quarter, -quarter)), median(samples.slice(-quarter))];
}

function median(samples: readonly Sample[]): number {
  const sorted = samples.map(({ rssBytes }) => rssBytes).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** What is no regular file or directory, but for the links that were there. */
function oddIn(root: string, below = ""): string[] {
  return [...Deno.readDirSync(join(root, below))].flatMap((entry) => {
    const path = join(below, entry.name);
    if (entry.isDirectory) return oddIn(root, path);
    return entry.isFile || path === "link" || path === "link-file" ? [] : [path];
  });
}

async function settles(
  what: string,
  findings: Findings,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  await waitFor(what, condition).catch(() => findings.add("Does not come to rest", what));
}
