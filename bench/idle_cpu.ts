import { delay } from "../base/mod.ts";
import type { BenchContext, Row } from "./context.ts";
import { Instance } from "./instance.ts";
import { ownRow } from "./own_row.ts";
import { cpuMs } from "./process_status.ts";

const SETTLE_MS = 3000;
const IDLE_MS = 10_000;

/** What a manager and three workers use of a processor core while nobody wants anything. */
export const idleCpu: Row = ownRow({
  name: "idle",
  title: "Idle: manager and 3 workers, 10 s",
  unit: "% of a core",
  bound: 1,
  once: true,
  measure,
});

async function measure({ directory, signal, note }: BenchContext): Promise<number> {
  const own = await Deno.makeTempDir({ dir: directory });
  await using instance = await Instance.start(own, signal);
  const pids = [instance.manager, ...instance.workers];
  await delay(SETTLE_MS, signal);
  const before = await cpuOf(pids);
  const start = performance.now();
  await delay(IDLE_MS, signal);
  const elapsed = performance.now() - start;
  const used = (await cpuOf(pids)).map((ms, i) => 100 * (ms - before[i]!) / elapsed);
  const [manager, ...workers] = used.map((percent) => `${percent.toFixed(2)} %`);
  note(`  manager ${manager}, workers ${workers.join(", ")}`);
  return used.reduce((sum, percent) => sum + percent);
}

function cpuOf(pids: number[]): Promise<number[]> {
  return Promise.all(pids.map(async (pid) => cpuMs(await Deno.readTextFile(`/proc/${pid}/stat`))));
}
