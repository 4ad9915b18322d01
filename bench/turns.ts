import { join } from "node:path";
import type { BenchContext, Row } from "./context.ts";
import { Instance } from "./instance.ts";
import { ownRow } from "./own_row.ts";

const GIBIBYTE = 2 ** 30;

/** How many files come at once. */
const FILES = 4;

/** What of `status --json` is looked at. */
interface Status {
  workers: { port: number; turnP99Ms: number | null }[];
}

/** How long a worker's event loop is kept by what it hashes, for all but one of a hundred turns. */
export const turns: Row = ownRow({
  name: "turns",
  title: `p99 of a worker's turn, ${FILES} × 1 GiB stored at once`,
  unit: "ms",
  bound: 5,
  measure,
});

async function measure({ directory, signal }: BenchContext): Promise<number> {
  const own = await Deno.makeTempDir({ dir: directory });
  const source = join(own, "zeros.bin");
  await Deno.create(source).then((file) => file[Symbol.dispose]());
  await Deno.truncate(source, GIBIBYTE); // takes no room on the disk
  await using instance = await Instance.start(own, signal);
  const [port] = instance.ports;
  const { token, fingerprint } = await instance.access();
  const server = ["--server", `127.0.0.1:${port}`, "--token", token, "--fingerprint", fingerprint];
  await Promise.all(
    Array.from(
      { length: FILES },
      (_, index) => instance.run("put", source, "--to", `zeros-${index}`, ...server),
    ),
  );
  const { workers } = await instance.ask<Status>("status");
  const worker = workers.find((worker) => worker.port === port);
  await Deno.remove(join(own, "storage"), { recursive: true });
  if (worker?.turnP99Ms == null) throw new Error(`Worker ${port} tells no times of turns`);
  return worker.turnP99Ms;
}
