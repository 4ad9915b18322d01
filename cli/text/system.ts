import { counted } from "../../base/counted.ts";
import type { Column, View } from "../../handlers/commands/mod.ts";
import type {
  DiskInfo,
  ProcessInfo,
  RunningAction,
  SystemInfoResponse,
  SystemStatsResponse,
  SystemTimeResponse,
} from "../../client/mod.ts";
import { formatTime } from "./format.ts";

const DISK_COLUMNS: readonly Column[] = [
  { heading: "SIZE", numeric: true },
  { heading: "USED", numeric: true },
  { heading: "AVAILABLE", numeric: true },
  { heading: "FILES LEFT", numeric: true, rank: 1 },
  { heading: "PATH" },
];

const PROCESS_COLUMNS: readonly Column[] = [
  { heading: "PID", numeric: true },
  { heading: "ROLE" },
  { heading: "PORT", numeric: true },
  { heading: "STATE", rank: 1 },
  { heading: "UPTIME", numeric: true, rank: 2 },
  { heading: "CPU", numeric: true },
  { heading: "MEMORY", numeric: true },
];

/** Of each class of turns: up to how long they took, and how many there were. */
const TURN_COLUMNS: readonly Column[] = [
  { heading: "TURNS UP TO", numeric: true },
  { heading: "COUNT", numeric: true },
];

/** A server's machine, for people. */
export function showInfo(info: SystemInfoResponse, view: View): string {
  const { host, os, release, arch, uptimeMs, versions, memory, processors, load = [] } = info;
  const averages = load.map((average) => average.toFixed(2)).join(" ");
  const swap = memory.swapTotal > 0
    ? [`${view.bytes(memory.swapFree)} of ${view.bytes(memory.swapTotal)} swap free`]
    : [];
  const lines = [
    [
      `host "${view.printable(host)}"`,
      view.printable(`${os} ${release} (${arch})`),
      `up ${view.duration(uptimeMs)}`,
    ],
    [
      view.printable(`msquicd ${versions.msquicd}`),
      view.printable(`MsQuic ${versions.msquic}`),
      view.printable(`Deno ${versions.deno}`),
      view.printable(`V8 ${versions.v8}`),
    ],
    [`instance "${view.printable(info.instance)}"`, `port ${info.port}`, `pid ${info.pid}`],
    [
      `${counted(processors, "processor")}`,
      ...(averages === "" ? [] : [`load ${averages}`]),
      `${view.bytes(memory.available)} of ${view.bytes(memory.total)} memory available`,
      ...swap,
    ],
  ];
  const facts = lines.map((line) => view.facts(line));
  return [...facts, ...(info.disks.length > 0 ? [showDisks(info.disks, view)] : [])].join("\n");
}

/** A server's clock, for people. */
export function showTime(
  { time, zone, offsetMinutes, aheadMs }: SystemTimeResponse & { readonly aheadMs: number },
  view: View,
): string {
  const sign = offsetMinutes < 0 ? "-" : "+";
  const [hours, minutes] = [Math.abs(offsetMinutes) / 60, Math.abs(offsetMinutes) % 60].map((
    part,
  ) => String(Math.trunc(part)).padStart(2, "0"));
  const differs = aheadMs === 0
    ? "as here"
    : `${Math.abs(aheadMs)} ms ${aheadMs > 0 ? "ahead of" : "behind"} this clock`;
  return view.facts([
    `${formatTime(time)} here`,
    `time zone ${view.printable(zone)} (UTC${sign}${hours}:${minutes})`,
    differs,
  ]);
}

/** What a worker has done, for people. */
export function showStats(stats: SystemStatsResponse, view: View): string {
  const { port, pid, uptimeMs, counters, loop, sessions, actions } = stats;
  const quantiles = Object.entries(loop.quantilesMs).map(([name, bound]) => `${name} ${bound} ms`);
  const rows = loop.counts.map((count, index) => [
    loop.boundsMs[index] === undefined ? "more" : `${loop.boundsMs[index]} ms`,
    String(count),
  ]);
  return [
    view.facts([`port ${port}`, `pid ${pid}`, `up ${view.duration(uptimeMs)}`]),
    view.facts(
      Object.entries(sessions).map(([state, count]) => `${counted(count, "session")} ${state}`),
    ),
    view.facts(
      Object.entries(counters).map(([name, count]) => `${view.printable(name)} ${count}`),
    ),
    ...(actions === undefined ? [] : [view.facts(showActions(actions, view))]),
    view.facts([`${counted(loop.turns, "turn")} of the event loop`, ...quantiles]),
    view.table(TURN_COLUMNS, rows),
  ].join("\n");
}

function showActions(actions: readonly RunningAction[], view: View): string[] {
  const what = actions.map(({ name, session, ms }) =>
    `${view.printable(name)} of session ${view.printable(session)} for ${view.duration(ms)}`
  );
  return [`${counted(actions.length, "action")} running`, ...what];
}

/** The processes of an instance, for people. */
export function showProcesses(processes: readonly ProcessInfo[], view: View): string {
  const rows = processes.map(({ pid, role, port, state, cpuPercent, rssBytes, uptimeMs }) => [
    String(pid),
    role,
    port === undefined ? "-" : String(port),
    view.printable(state),
    view.duration(uptimeMs),
    `${cpuPercent.toFixed(1)}%`,
    view.bytes(rssBytes),
  ]);
  return view.table(PROCESS_COLUMNS, rows);
}

/** Disks, for people. */
export function showDisks(disks: readonly DiskInfo[], view: View): string {
  const rows = disks.map(({ path, total, free, available, filesFree }) => [
    view.bytes(total),
    view.bytes(total - free),
    view.bytes(available),
    filesFree === undefined ? "-" : String(filesFree),
    view.printable(path),
  ]);
  return view.table(DISK_COLUMNS, rows);
}
