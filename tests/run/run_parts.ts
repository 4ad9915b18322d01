import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleProgram } from "./bundled_program.ts";
import { entryOf } from "./entry.ts";
import { TestGroup } from "./group.ts";
import type { Part } from "./parts.ts";
import { addUp, findSummary, formatSummary } from "./summary.ts";

/** The project's directory, from which names of tests lead. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Types are checked beforehand, once for all, by `deno task check`. */
const OPTIONS = ["test", "--no-check", "--allow-all", "--unstable-net", "--v8-flags=--expose-gc"];

/** How many processes run at once: on two cores, three leave a third of these idle, as many wait. */
const AT_ONCE = 4;

const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM"];

const INTERRUPTED = 130;

/** What {@linkcode runParts} may be told. */
export interface RunOptions {
  /** What the environment of the tests has besides. */
  env?: Record<string, string>;
  /** Whether tests of processes start what is made of the source for all of them, see `bundleProgram`. */
  bundled?: boolean;
}

/**
 * Runs tests, some processes at once, since many of them wait more than they compute. Each is shown when
 * those before it have ended. The last line is that of `deno test`, for all.
 *
 * @returns The exit code.
 */
export async function runParts(
  parts: readonly Part[],
  { env = {}, bundled = false }: RunOptions = {},
): Promise<number> {
  const start = performance.now();
  const groups: TestGroup[] = [];
  const stopping = stopOnSignals(groups);
  const folder = await Deno.makeTempDir({ prefix: "msquicd-tests-" });
  try {
    const program = join(folder, "program");
    const isMade = bundled && await bundleProgram(ROOT, program);
    const options = { cwd: ROOT, env: isMade ? { ...env, MSQUICD_BUNDLE: program } : env };
    for (const [at, { title, flags, files }] of parts.entries()) {
      const entry = join(folder, `${at}.ts`);
      await Deno.writeTextFile(entry, entryOf(files, ROOT));
      groups.push(new TestGroup(title, [...OPTIONS, ...flags, entry], options));
    }
    const codes = await showAll(groups, runAll(groups, stopping));
    if (codes === undefined) return INTERRUPTED;
    const total = addUp(groups.map(({ outputEnd }) => findSummary(outputEnd)));
    const code = codes.find((code) => code !== 0) ?? (total.ok ? 0 : 1);
    const summary = { ...total, ok: code === 0 };
    console.log(`== all\n\n${formatSummary(summary, performance.now() - start)}`);
    return code;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Hands signals that end this process to those that run, and has no other begin. */
function stopOnSignals(groups: readonly TestGroup[]): AbortSignal {
  const stopping = new AbortController();
  for (const signal of SIGNALS) {
    Deno.addSignalListener(signal, () => {
      stopping.abort();
      groups.forEach((group) => group.kill(signal));
    });
  }
  return stopping.signal;
}

/**
 * Shows what they print, each when those before it have ended.
 *
 * @returns Their exit codes; nothing if they have ended, and not all of them had begun.
 */
async function showAll(
  groups: readonly TestGroup[],
  running: Promise<void>,
): Promise<number[] | undefined> {
  const codes: number[] = [];
  for (const group of groups) {
    console.log(`== ${group.title}`);
    group.show();
    const code = await Promise.race([group.ended, running.then(() => undefined)]);
    if (code === undefined) return undefined;
    codes.push(code);
  }
  return codes;
}

/** Runs all, some at once, in their order; after an abort no more of them. */
async function runAll(groups: readonly TestGroup[], signal: AbortSignal): Promise<void> {
  const waiting = groups.values();
  const lane = async () => {
    for (const group of waiting) {
      if (signal.aborted) return;
      await group.run();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}
