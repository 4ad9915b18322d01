import { join } from "node:path";
import type { ClientProcessSetup, RoundQuestion } from "./client_process.ts";
import type { BenchContext, Row } from "./context.ts";
import { type ContestantName, CONTESTANTS } from "./contestants/mod.ts";
import { startClient, startServer } from "./contestants/start.ts";
import { type JobName, ROUND_MS, SOURCE_NAME } from "./jobs.ts";
import type { Line } from "./line.ts";
import type { Peer } from "./peer.ts";
import { cpuMsOf } from "./process_status.ts";
import type { ServerReady } from "./server_process.ts";
import { type OpenSide, takeTurns } from "./sides.ts";
import { sourceFile } from "./source_file.ts";

/** A job that the contestants do in turn, each with its own client. */
export interface Contest {
  /** What `--only` calls it. */
  name: string;
  job: JobName;
  title: string;
  unit: string;
  better: "more" | "less";
  /** Who takes part: all by default. */
  contestants?: readonly ContestantName[];
  /** The ratio to the others that is to be held. */
  hold?: number;
  /** Whether it moves bytes in memory or in files. */
  moves?: "memory" | "file";
}

/** How many rounds are done in one to warm up, before those that count: what V8 needs to get fast. */
const WARM_UP_ROUNDS = 2;

const EVERYBODY = Object.keys(CONTESTANTS) as ContestantName[];

/** A row of contestants who do a job in turn. */
export function contest(options: Contest): Row {
  const { name, title, unit, better, hold, contestants = EVERYBODY } = options;
  return {
    name,
    async run(context) {
      const sides = contestants.map((contestant, i) => ({
        who: CONTESTANTS[contestant],
        ...(i > 0 && hold !== undefined ? { hold } : {}),
        open: (resources: AsyncDisposableStack) =>
          openSide(contestant, options, context, resources),
      }));
      const entries = await takeTurns(name, sides, context);
      const line: Line = { name, title, unit, better, entries };
      return [line];
    },
  };
}

async function openSide(
  contestant: ContestantName,
  { job, moves = "memory" }: Contest,
  { directory, certificate, signal, options }: BenchContext,
  resources: AsyncDisposableStack,
): Promise<OpenSide> {
  const bytes = options.sizes[moves];
  const scratch = await Deno.makeTempDir({ dir: directory });
  resources.defer(() => Deno.remove(scratch, { recursive: true }));
  const root = join(scratch, "root");
  await Deno.mkdir(root);
  const source = moves === "file" ? await sourceFile(directory, bytes) : "";
  if (job === "get") await Deno.link(source, join(root, SOURCE_NAME));
  const server = resources.use(await startServer(contestant, { ...certificate, root }, signal));
  const clientSetup: Omit<ClientProcessSetup, "contestant"> = {
    ...{ job, bytes, source, root, scratch },
    target: { ...certificate, ...server.ready as ServerReady },
  };
  const client = resources.use(await startClient(contestant, clientSetup, signal));
  return {
    async round(warmUp) {
      const question: RoundQuestion = { rounds: warmUp ? WARM_UP_ROUNDS : 1 };
      const before = await cpuOf(server, client);
      const value = Number(await client.ask(question));
      const after = await cpuOf(server, client);
      const [serverMs, clientMs] = [after[0] - before[0], after[1] - before[1]];
      return { value, cpu: { serverMs, clientMs, work: workOf(job, value, bytes) } };
    },
  };
}

async function cpuOf(server: Peer, client: Peer): Promise<[server: number, client: number]> {
  return await Promise.all([cpuMsOf([server.pid]), cpuMsOf([client.pid])]);
}

/** How much was done in a round: requests and handshakes are done for a fixed time, one after another for latency. */
function workOf(job: JobName, value: number, bytes: number): number {
  switch (job) {
    case "requests":
    case "handshakes":
      return value * ROUND_MS[job] / 1000;
    case "latency":
      return 1000 * ROUND_MS[job] / value;
    default:
      return bytes;
  }
}
