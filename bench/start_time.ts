import { instanceName, msquicdCommand } from "./command.ts";
import type { BenchContext, Row } from "./context.ts";
import { ownRow } from "./own_row.ts";

/** How long it takes until a manager in the background has three workers that serve. */
export const startTime: Row = ownRow({
  name: "start",
  title: "start --detach until 3 workers are ready",
  unit: "ms",
  bound: 1000,
  measure,
});

async function measure({ directory, signal }: BenchContext): Promise<number> {
  const own = await Deno.makeTempDir({ dir: directory });
  const instance = instanceName();
  const run = async (...args: string[]) => {
    const { code } = await msquicdCommand(args, { directory: own, instance }).output();
    if (code !== 0) throw new Error(`msquicd ${args[0]} ended with code ${code}`);
  };
  const start = performance.now();
  await run("start", "--detach", "--root", `${own}/storage`);
  const elapsed = performance.now() - start;
  await run("shutdown", "--now");
  signal.throwIfAborted();
  return elapsed;
}
