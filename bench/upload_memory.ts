import { join } from "node:path";
import type { BenchContext, Row } from "./context.ts";
import { Instance } from "./instance.ts";
import type { Line } from "./line.ts";
import { peakResidentBytes, residentBytes } from "./process_status.ts";

const MEGABYTE = 1_000_000;
const GIBIBYTE = 2 ** 30;

/** What a worker takes when it is idle, and how much more while it stores a large file. */
export const uploadMemory: Row = {
  name: "memory",
  async run(context) {
    const rounds: { idle: number[]; growth: number[] } = { idle: [], growth: [] };
    try {
      const { idle, growth } = await measure(context);
      rounds.idle.push(idle);
      rounds.growth.push(growth);
    } catch (error) {
      context.signal.throwIfAborted();
      context.skip("A worker's memory", error);
    }
    const size = `${(context.options.sizes.upload / GIBIBYTE).toFixed(1)} GiB`;
    const [unit, better, who] = ["MB", "less", "msquicd"] as const;
    const lines: Line[] = [
      {
        ...{ name: "memory-idle", title: "Memory of an idle worker", unit, better, bound: 90 },
        entries: [{ who, rounds: rounds.idle }],
      },
      {
        ...{ name: "memory-upload", title: `More during an upload of ${size}`, unit, better },
        bound: 40,
        entries: [{ who, rounds: rounds.growth }],
      },
    ];
    return lines;
  },
};

async function measure(
  { directory, signal, note, options }: BenchContext,
): Promise<{ idle: number; growth: number }> {
  const own = await Deno.makeTempDir({ dir: directory });
  const source = join(own, "zeros.bin");
  await Deno.create(source).then((file) => file[Symbol.dispose]());
  await Deno.truncate(source, options.sizes.upload); // takes no room on the disk
  await using instance = await Instance.start(own, signal);
  const before = await statuses(instance.workers);
  const idle = before.map((status) => residentBytes(status) / MEGABYTE);
  const start = performance.now();
  await instance.run("put", source);
  const elapsed = (performance.now() - start) / 1000;
  await Deno.remove(join(own, "storage"), { recursive: true });
  const after = await statuses(instance.workers);
  const growth = after.map((status, i) => peakResidentBytes(status) / MEGABYTE - idle[i]!);
  note(`  the upload took ${elapsed.toFixed(1)} s`);
  // One of them had the upload.
  return { idle: Math.max(...idle), growth: Math.max(...growth) };
}

function statuses(pids: readonly number[]): Promise<string[]> {
  return Promise.all(pids.map((pid) => Deno.readTextFile(`/proc/${pid}/status`)));
}
