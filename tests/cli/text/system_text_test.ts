import assert from "node:assert/strict";
import {
  showDisks,
  showInfo,
  showProcesses,
  showStats,
  showTime,
} from "../../../cli/text/system.ts";
import { viewOf } from "../../../cli/text/view.ts";

const view = viewOf({ interactive: false, color: false, columns: 100 }, "default");
const GIB = 2 ** 30;
const DISK = { path: "/srv/\x1b[2Jfiles", total: 100 * GIB, free: 60 * GIB, available: 55 * GIB };

Deno.test("system info: the machine, versions, worker and memory, nothing that steers a terminal", () => {
  const text = showInfo({
    ...{ host: "b\x07ox", os: "linux", release: "6.1", arch: "x86_64", uptimeMs: 3_600_000 },
    versions: { msquicd: "0.1.0", deno: "2.9.6", v8: "14", msquic: "2.5.1" },
    ...{ instance: "default", port: 4433, pid: 12, processors: 1, load: [0.5, 1, 12.345] },
    memory: { total: 4 * GIB, available: GIB, swapTotal: 0, swapFree: 0 },
    disks: [DISK],
  }, view);
  assert.deepEqual(text.split("\n").slice(0, 4), [
    'host "b\\u{7}ox", linux 6.1 (x86_64), up 1h 00m',
    "msquicd 0.1.0, MsQuic 2.5.1, Deno 2.9.6, V8 14",
    'instance "default", port 4433, pid 12',
    "1 processor, load 0.50 1.00 12.35, 1 GiB of 4 GiB memory available",
  ]);
  assert.doesNotMatch(text.replaceAll("\n", ""), /\p{Cc}/u);
});

Deno.test("system time: the zone, and by how much the clock differs", () => {
  const answer = { time: 1_700_000_000_000, zone: "America/St_Johns", offsetMinutes: -210 };
  assert.match(
    showTime({ ...answer, aheadMs: -1500 }, view),
    /, time zone America\/St_Johns \(UTC-03:30\), 1500 ms behind this clock$/,
  );
  assert.match(showTime({ ...answer, aheadMs: 0 }, view), /, as here$/);
});

Deno.test("system stats, processes and disk: what there is, and a dash for what there is not", () => {
  const stats = showStats({
    ...{ port: 4433, pid: 12, uptimeMs: 1000, counters: { requests: 5 } },
    loop: { turns: 3, boundsMs: [0.1], counts: [2, 1], quantilesMs: { p50: 0.1 } },
    sessions: { authenticating: 0, active: 1, draining: 0, closing: 0 },
    actions: [{ name: "backup", session: "ab12", ms: 1500 }],
  }, view);
  assert.match(stats, /^port 4433, pid 12, up 1\.0 s\n.*1 session active.*\nrequests 5\n/);
  assert.match(stats, /1 action running, backup of session ab12 for 1\.5 s\n/);
  assert.match(stats, /3 turns of the event loop, p50 0\.1 ms\n/);
  assert.match(stats, /more\s+1$/);
  const process = { role: "manager", state: "ready", cpuPercent: 0.04, rssBytes: GIB } as const;
  assert.match(
    showProcesses([{ ...process, pid: 1, uptimeMs: 1000 }], view).split("\n")[1] ?? "",
    /^ *1 +manager +- +ready +1\.0 s +0\.0% +1 GiB$/,
  );
  assert.match(showDisks([DISK], view), /100 GiB +40 GiB +55 GiB +- +\/srv\/\\u\{1b\}\[2Jfiles$/);
});
