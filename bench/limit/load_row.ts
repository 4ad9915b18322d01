import type { Row } from "../context.ts";
import type { Line } from "../line.ts";
import { takeTurns } from "../sides.ts";
import { type LoadJob, type LoadOptions, type LoadReport, runLoad } from "./load.ts";
import { SERVER_KINDS, type ServerKind, startLoadedServer } from "./loaded_server.ts";

/** A job that the load generator has several servers do in turn. */
export interface Load {
  /** What `--only` calls it. */
  name: string;
  title: string;
  job: LoadJob;
  /** What of the report is the figure. */
  figure: "gbitPerSecond" | "perSecond" | "p50Us";
  connections: number;
  inFlight: number;
  threads?: LoadOptions["threads"];
  /** The first is the project's; with each other's ratio that is to be held, and its name if not the usual. */
  servers: readonly { kind: ServerKind; hold?: number; who?: string }[];
}

/** How long a round is measured, and how long V8 has to get fast, in seconds. */
const SECONDS = { round: 2, warmUpRound: 3, warmUp: 0.3 } as const;

const UNITS = { gbitPerSecond: "Gbit/s", perSecond: "/s", p50Us: "µs" } as const;

/** A row of servers that are loaded in turn, with the same load. */
export function loadRow(load: Load): Row {
  const { name, title, figure } = load;
  return {
    name,
    async run(context) {
      const sides = load.servers.map(({ kind, hold, who = SERVER_KINDS[kind] }) => ({
        who,
        ...(hold === undefined ? {} : { hold }),
        open: async (resources: AsyncDisposableStack) => {
          const server = await startLoadedServer(kind, context, resources);
          return {
            round: async (warmUp: boolean) => {
              const report = await runLoad({
                ...server,
                ...{ job: load.job, connections: load.connections, inFlight: load.inFlight },
                threads: load.threads ?? "one",
                seconds: warmUp ? SECONDS.warmUpRound : SECONDS.round,
                warmUpSeconds: SECONDS.warmUp,
              }, context.signal);
              return { value: report[figure], cpu: cpuOf(report) };
            },
          };
        },
      }));
      const entries = await takeTurns(name, sides, context);
      const better = figure === "p50Us" ? "less" : "more";
      const line: Line = { name, title, unit: UNITS[figure], better, entries };
      return [line];
    },
  };
}

function cpuOf({ serverCpuMs, clientCpuMs, count, bytes }: LoadReport) {
  return { serverMs: serverCpuMs, clientMs: clientCpuMs, work: count || bytes };
}
