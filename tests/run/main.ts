/**
 * `deno task test [flags of deno test] [files and folders]`: runs what is named, or else all tests, in
 * some processes at once, since many of them wait more than they compute. Each is shown when those
 * before it have ended. The last line is that of `deno test`, for all.
 */
import { fileURLToPath } from "node:url";
import { TestGroup } from "./group.ts";
import { partsOf } from "./parts.ts";
import { addUp, findSummary, formatSummary } from "./summary.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Types are checked beforehand, once for all, by `deno task check`. */
const OPTIONS = ["test", "--no-check", "--allow-all", "--unstable-net", "--v8-flags=--expose-gc"];

/** How many processes run at once. */
const AT_ONCE = 3;

const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM"];

const INTERRUPTED = 130;

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

async function main(args: readonly string[]): Promise<number> {
  const start = performance.now();
  const groups = partsOf(args, ROOT).map(({ title, args }) =>
    new TestGroup(title, [...OPTIONS, ...args], ROOT)
  );
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

if (import.meta.main) Deno.exit(await main(Deno.args));
