import { connect } from "../client/mod.ts";
import type { BenchContext, Row } from "./context.ts";
import { Instance } from "./instance.ts";
import { ownRow } from "./own_row.ts";

/** How long it may take at most, in milliseconds. */
const LIMIT_MS = 30_000;
/** How long one attempt may take: an answer comes at once, or is never sent. */
const ATTEMPT_MS = 100;

/** How long nobody is served on the port of a worker that is killed. */
export const killedWorker: Row = ownRow({
  name: "killed-worker",
  title: "A killed worker serves again",
  unit: "ms",
  bound: 500,
  measure,
});

async function measure({ directory, signal }: BenchContext): Promise<number> {
  const own = await Deno.makeTempDir({ dir: directory });
  await using instance = await Instance.start(own, signal);
  const access = await instance.access();
  const [pid, port] = [instance.workers[0]!, instance.ports[0]!];
  Deno.kill(pid, "SIGKILL");
  const start = performance.now();
  for (;;) {
    try {
      const timeoutMs = ATTEMPT_MS;
      await using _client = await connect({ server: `127.0.0.1:${port}`, ...access, timeoutMs });
      return performance.now() - start;
    } catch (error) {
      signal.throwIfAborted();
      if (performance.now() - start > LIMIT_MS) throw error;
    }
  }
}
