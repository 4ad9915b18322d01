import { join } from "node:path";
import type { BenchContext, Row } from "./context.ts";
import { Instance } from "./instance.ts";
import { ownRow } from "./own_row.ts";
import { peakResidentBytes } from "./process_status.ts";

const FILE_BYTES = 4 * 2 ** 30;
const MEGABYTE = 1_000_000;

/** The most memory that a worker takes while it stores a file of 4 GiB. */
export const uploadMemory: Row = ownRow({
  name: "memory",
  title: "Worker's peak memory, upload of 4 GiB",
  unit: "MB",
  measure,
});

async function measure({ directory, signal, note }: BenchContext): Promise<number> {
  const own = await Deno.makeTempDir({ dir: directory });
  const source = join(own, "zeros.bin");
  await Deno.create(source).then((file) => file[Symbol.dispose]());
  await Deno.truncate(source, FILE_BYTES); // takes no room on the disk
  await using instance = await Instance.start(own, signal);
  const before = await peakOf(instance.workers);
  const start = performance.now();
  await instance.run("put", source);
  const seconds = (performance.now() - start) / 1000;
  const after = await peakOf(instance.workers);
  note(`  ${before.toFixed(0)} MB before; the upload took ${seconds.toFixed(1)} s`);
  return after;
}

/** Of the worker that has had the most. */
async function peakOf(pids: readonly number[]): Promise<number> {
  const statuses = await Promise.all(pids.map((pid) => Deno.readTextFile(`/proc/${pid}/status`)));
  return Math.max(...statuses.map(peakResidentBytes)) / MEGABYTE;
}
