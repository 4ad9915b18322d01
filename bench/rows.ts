import { contest } from "./contest.ts";
import type { Row } from "./context.ts";
import { filePrograms } from "./file_programs.ts";
import { idleCpu } from "./idle_cpu.ts";
import { ipcRow } from "./ipc_row.ts";
import { killedWorker } from "./killed_worker.ts";
import { loadRow } from "./limit/load_row.ts";
import { sessionMemory } from "./limit/session_memory.ts";
import { compressed } from "./network/compressed.ts";
import { fairness } from "./network/fairness.ts";
import { firstFiles } from "./network/first_files.ts";
import { pathRow } from "./network/path_row.ts";
import { pingBeside } from "./network/ping_beside.ts";
import { isWanted, type PathChoice, PATHS } from "./network/paths.ts";
import { smallFiles, smallFilesDown } from "./small_files.ts";
import { startTime } from "./start_time.ts";
import { striped, stripedNetwork } from "./striped.ts";
import { turns } from "./turns.ts";
import { uploadMemory } from "./upload_memory.ts";

/** All there is to measure, in the order of the table. */
export const ROWS: readonly Row[] = [
  loadRow({
    name: "upload",
    title: "Upload, one stream, memory to memory",
    ...{ job: "upload", figure: "gbitPerSecond", connections: 1, inFlight: 1 },
    servers: [{ kind: "worker" }, { kind: "limit", hold: 0.9 }],
  }),
  loadRow({
    name: "download",
    title: "Download, one stream, memory to memory",
    ...{ job: "download", figure: "gbitPerSecond", connections: 1, inFlight: 1 },
    servers: [{ kind: "worker" }, { kind: "limit", hold: 0.9 }],
  }),
  loadRow({
    name: "requests",
    title: "Requests, 512 B up, 4,000 B down, 16 × 4 in flight",
    ...{ job: "requests", figure: "perSecond", connections: 16, inFlight: 4 },
    servers: [{ kind: "worker" }, { kind: "limit", hold: 0.7 }],
  }),
  loadRow({
    name: "requests-cores",
    title: "Requests, on as many workers as cores",
    ...{ job: "requests", figure: "perSecond", connections: 16, inFlight: 4, threads: "own" },
    servers: [
      { kind: "workers" },
      { kind: "limitOwnThreads", hold: 0.7 },
      { kind: "worker", who: "one worker" },
    ],
  }),
  loadRow({
    name: "messages",
    title: "Messages of 128 B on 16 streams, 64 in flight",
    ...{ job: "messages", figure: "perSecond", connections: 16, inFlight: 4 },
    servers: [{ kind: "worker" }, { kind: "limit", hold: 0.7 }],
  }),
  loadRow({
    name: "latency",
    title: "Request latency p50, 1 in flight",
    ...{ job: "requests", figure: "p50Us", connections: 1, inFlight: 1 },
    servers: [{ kind: "worker" }, { kind: "limit", hold: 1.3 }],
  }),
  loadRow({
    name: "handshakes",
    title: "Handshakes, 16 in flight",
    ...{ job: "handshakes", figure: "perSecond", connections: 16, inFlight: 1 },
    servers: [{ kind: "worker" }, { kind: "limit", hold: 0.9 }],
  }),
  contest({
    ...{ name: "upload-peers", job: "upload", moves: "memory" },
    title: "Upload, each with its own client",
    ...{ unit: "Gbit/s", better: "more", hold: 2 },
  }),
  contest({
    ...{ name: "download-peers", job: "download", moves: "memory" },
    title: "Download, each with its own client",
    ...{ unit: "Gbit/s", better: "more", hold: 2 },
  }),
  contest({
    ...{ name: "requests-peers", job: "requests" },
    title: "Requests, each with its own client",
    ...{ unit: "/s", better: "more", hold: 2 },
  }),
  contest({
    ...{ name: "latency-peers", job: "latency" },
    title: "Request latency p50, each with its own client",
    ...{ unit: "µs", better: "less" },
  }),
  contest({
    ...{ name: "handshakes-peers", job: "handshakes" },
    title: "Handshakes, each with its own client",
    ...{ unit: "/s", better: "more" },
  }),
  contest({
    ...{ name: "put", job: "put", moves: "file", contestants: ["msquicd", "deno"] },
    title: "Upload, file to file, SHA-256 verified",
    ...{ unit: "Gbit/s", better: "more" },
  }),
  contest({
    ...{ name: "get", job: "get", moves: "file", contestants: ["msquicd", "deno"] },
    title: "Download, file to file, SHA-256 verified",
    ...{ unit: "Gbit/s", better: "more" },
  }),
  filePrograms,
  striped,
  smallFiles,
  smallFilesDown,
  ipcRow,
  startTime,
  killedWorker,
  idleCpu,
  sessionMemory,
  uploadMemory,
  turns,
  ...PATHS.map(pathRow),
  firstFiles,
  fairness,
  pingBeside,
  stripedNetwork,
  compressed,
];

/** Which rows are wanted. */
export interface RowChoice {
  /** Names; none for all but those that are to be named. */
  only: readonly string[];
  network: PathChoice;
}

/** Those that are wanted. */
export function chooseRows({ only, network }: RowChoice, rows: readonly Row[] = ROWS): Row[] {
  return rows.filter(({ name, apart = false, path }) =>
    (only.length === 0 ? !apart : only.includes(name)) &&
    (path === undefined || isWanted(path, network))
  );
}
