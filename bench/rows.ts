import { contest } from "./contest.ts";
import type { Row } from "./context.ts";
import { idleCpu } from "./idle_cpu.ts";
import { ipcRow } from "./ipc_row.ts";
import { uploadMemory } from "./upload_memory.ts";

/** All there is to measure, in the order of the table. */
export const ROWS: readonly Row[] = [
  contest({
    job: "upload",
    title: "Upload, one stream, memory to memory",
    unit: "Gbit/s",
    better: "more",
    moves: "memory",
  }),
  contest({
    job: "download",
    title: "Download, one stream, memory to memory",
    unit: "Gbit/s",
    better: "more",
    moves: "memory",
  }),
  contest({
    job: "put",
    title: "Upload, file to file, SHA-256 verified",
    unit: "Gbit/s",
    better: "more",
    moves: "file",
  }),
  contest({
    job: "get",
    title: "Download, file to file, SHA-256 verified",
    unit: "Gbit/s",
    better: "more",
    moves: "file",
  }),
  contest({
    job: "requests",
    title: "Requests, 512 B up, 4,000 B down, 16 × 4 in flight",
    unit: "/s",
    better: "more",
  }),
  contest({
    job: "latency",
    title: "Request latency p50, 1 in flight",
    unit: "µs",
    better: "less",
  }),
  contest({
    job: "handshakes",
    title: "Handshakes, 16 in flight",
    unit: "/s",
    better: "more",
  }),
  ipcRow,
  idleCpu,
  uploadMemory,
];

/** Those that are named, or all that run by default if none are. */
export function chooseRows(names: readonly string[], rows: readonly Row[] = ROWS): Row[] {
  return rows.filter(({ name, byDefault }) =>
    names.length === 0 ? byDefault : names.includes(name)
  );
}
