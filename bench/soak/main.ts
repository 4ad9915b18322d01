/**
 * Holds mixed load on a manager with its workers, and says whether their memory levels off:
 * `deno task soak --minutes 10`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { delay } from "../../base/mod.ts";
import { Instance } from "../instance.ts";
import { sourceFile } from "../source_file.ts";
import { holdLoad, type Tally } from "./load.ts";
import { drawSoak, formatSample, summarizeSoak } from "./report.ts";
import { type Sample, Sampler } from "./sample.ts";

const UPLOAD_BYTES = 16 * 1024 * 1024;
/** How many samples there are, unless they would come more often than every two seconds. */
const SAMPLES = 120;
const SHORTEST_INTERVAL_MS = 2000;
const PICTURE = fileURLToPath(new URL("../../docs/soak.svg", import.meta.url));

const { minutes, picture } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    picture: { type: "string", default: PICTURE },
  },
}).values;
const durationMs = Number(minutes) * 60_000;
if (!(durationMs >= 8 * SHORTEST_INTERVAL_MS)) {
  console.error("Usage: deno task soak [--minutes N] [--picture FILE], N at least 0.3");
  Deno.exit(2);
}

const interruption = new AbortController();
Deno.addSignalListener("SIGINT", () => interruption.abort());

const failures = await soak(interruption.signal);
Deno.exit(failures === 0 ? 0 : 1);

async function soak(interrupted: AbortSignal): Promise<number> {
  await using resources = new AsyncDisposableStack();
  const directory = await Deno.makeTempDir({ prefix: "msquicd-soak-" });
  resources.defer(() => Deno.remove(directory, { recursive: true }));
  const path = await sourceFile(directory, UPLOAD_BYTES);
  const instance = resources.use(await Instance.start(directory, interrupted));
  const tally: Tally = { requests: 0, connects: 0, uploads: 0, uploadedBytes: 0, failures: 0 };
  const end = new AbortController();
  const load = holdLoad({
    ports: instance.ports,
    access: await instance.access(),
    source: { path, bytes: UPLOAD_BYTES },
    tally,
    signal: end.signal,
    onFailure: (error) => console.error("Failed:", error),
  });
  const samples = await watch(instance, tally, interrupted);
  end.abort();
  await load;
  console.log(`\n${summarizeSoak(samples).join("\n")}`);
  console.log(`${tally.failures} failures`);
  await Deno.writeTextFile(picture, drawSoak(samples));
  console.log(`The curve is in ${picture}`);
  return tally.failures;
}

async function watch(
  instance: Instance,
  tally: Tally,
  interrupted: AbortSignal,
): Promise<Sample[]> {
  const workers = instance.workers.map((pid, i) => [`worker ${instance.ports[i]}`, pid] as const);
  const processes = { manager: instance.manager, ...Object.fromEntries(workers) };
  const sampler = new Sampler(processes, tally);
  const intervalMs = Math.max(durationMs / SAMPLES, SHORTEST_INTERVAL_MS);
  const samples: Sample[] = [];
  for (let elapsed = intervalMs; elapsed <= durationMs; elapsed += intervalMs) {
    await delay(intervalMs);
    interrupted.throwIfAborted();
    const sample = await sampler.take();
    samples.push(sample);
    console.log(formatSample(sample));
  }
  return samples;
}
