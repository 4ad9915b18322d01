/**
 * `deno task test [flags of deno test] [files and folders]`: runs what is named, or else all tests
 * in three processes at once, since many of them wait more than they compute. The first is shown as it
 * runs; what the others have printed meanwhile follows. The last line is that of `deno test`, for all.
 */
import { fileURLToPath } from "node:url";
import { TestGroup } from "./group.ts";
import { partsOf } from "./parts.ts";
import { addUp, findSummary, formatSummary } from "./summary.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const OPTIONS = ["test", "--allow-all", "--unstable-net", "--v8-flags=--expose-gc"];

const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM"];

async function main(args: readonly string[]): Promise<number> {
  const start = performance.now();
  const groups = partsOf(args, ROOT).map(({ title, args }) =>
    new TestGroup(title, [...OPTIONS, ...args], ROOT)
  );
  // They end, and then so does this.
  for (const signal of SIGNALS) {
    Deno.addSignalListener(signal, () => groups.forEach((group) => group.kill(signal)));
  }
  const codes: number[] = [];
  for (const group of groups) {
    console.log(`== ${group.title}`);
    group.show();
    codes.push(await group.ended);
  }
  const total = addUp(groups.map(({ outputEnd }) => findSummary(outputEnd)));
  const code = codes.find((code) => code !== 0) ?? (total.ok ? 0 : 1);
  console.log(
    `== all\n\n${formatSummary({ ...total, ok: code === 0 }, performance.now() - start)}`,
  );
  return code;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
