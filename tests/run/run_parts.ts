import { join } from "node:path";
import { fileURLToPath } from "node:url";
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

/**
 * Runs tests, some processes at once, since many of them wait more than they compute. Each is shown when
 * those before it have ended. The last line is that of `deno test`, for all.
 *
 * @param env What their environment has besides.
 * @returns The exit code.
 */
export async function runParts(
  parts: readonly Part[],
  env: Record<string, string> = {},
): Promise<number> {
  const start = performance.now();
  const folder = await Deno.makeTempDir({ prefix: "msquicd-tests-" });
  try {
    const groups = parts.map((part, at) => {
      const entry = join(folder, `${at}.ts`);
      Deno.writeTextFileSync(entry, entryOf(part.files, ROOT));
      return new TestGroup(part.title, [...OPTIONS, ...part.flags, entry], { cwd: ROOT, env });
    });
    return await runGroups(groups, start);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * @param start When that was, as `performance.now()` tells it.
 * @returns The exit code.
 */
async function runGroups(groups: readonly TestGroup[], start: number): Promise<number> {
  const stopping = new AbortController();
  for (const signal of SIGNALS) {
    Deno.addSignalListener(signal, () => {
      stopping.abort();
      groups.forEach((group) => group.kill(signal));
    });
  }
  const running = runAll(groups, stopping.signal);
  const codes: number[] = [];
  for (const group of groups) {
    console.log(`== ${group.title}`);
    group.show();
    const code = await Promise.race([group.ended, running.then(() => undefined)]);
    if (code === undefined) return INTERRUPTED;
    codes.push(code);
  }
  const total = addUp(groups.map(({ outputEnd }) => findSummary(outputEnd)));
  const code = codes.find((code) => code !== 0) ?? (total.ok ? 0 : 1);
  console.log(
    `== all\n\n${formatSummary({ ...total, ok: code === 0 }, performance.now() - start)}`,
  );
  return code;
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
