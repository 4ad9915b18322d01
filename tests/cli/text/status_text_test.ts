import assert from "node:assert/strict";
import { IDLE_WORKER } from "../../fixtures/idle_worker.ts";
import type { Terminal } from "../../../cli/text/terminal.ts";
import { viewOf } from "../../../cli/text/view.ts";
import { type ManagerStatus, status as command } from "../../../handlers/commands/mod.ts";

function formatStatus(status: ManagerStatus, terminal: Terminal): string {
  return command.show(status, viewOf(terminal, "default"));
}

const WORKER = {
  port: 4433,
  pid: 11,
  state: "ready",
  uptimeMs: 65_000,
  restarts: 1,
  sessions: 2,
  transfers: 3,
  bytesIn: 2048,
  bytesOut: 0,
  rssBytes: 80 * 2 ** 20,
  ...IDLE_WORKER,
  cpuPercent: 12.34,
  turnP99Ms: 0.5,
  heartbeatAgeMs: 20,
  lastError: "Killed by SIGKILL",
  lastExit: null,
} as const;

const STATUS = {
  instance: "default",
  pid: 10,
  version: "0.1.0",
  msquic: "2.5.1",
  state: "ready",
  uptimeMs: 70_000,
  workers: [
    WORKER,
    { ...WORKER, port: 4434, pid: null, state: "backoff", lastError: "Bad \x1b[2Jword" },
  ],
} as const;

const PLAIN = { interactive: false, color: false, columns: 80 };

Deno.test("formatStatus() shows the manager, its workers, and why one is not there", () => {
  const status = { ...STATUS, workers: [...STATUS.workers] };
  assert.deepEqual(formatStatus(status, PLAIN).split("\n").map((line) => line.split(/ {2,}/)), [
    ['instance "default", pid 10, ready, up 1m 10s, msquicd 0.1.0, MsQuic 2.5.1'],
    "PORT PID STATE UPTIME RESTARTS SESSIONS TRANSFERS IN OUT CPU MEMORY".split(" "),
    ["4433", "11", "ready", "1m 05s", "1", "2", "3", "2 KiB", "0 B", "12.3%", "80 MiB"],
    ["4434", "-", "backoff", "1m 05s", "1", "2", "3", "2 KiB", "0 B", "12.3%", "80 MiB"],
    ["worker 4434: Bad \\u{1b}[2Jword"],
  ]);
});

Deno.test("formatStatus() colours states only where the terminal takes colours", () => {
  const status = { ...STATUS, workers: [...STATUS.workers] };
  const coloured = formatStatus(status, { interactive: true, color: true, columns: 120 });
  assert.ok(coloured.includes("\x1b[32mready\x1b[39m"));
  assert.ok(coloured.includes("\x1b[31mbackoff\x1b[39m"));
  const plain = formatStatus(status, { interactive: true, color: false, columns: 120 });
  assert.ok(!plain.includes("\x1b["));
});

// D7
Deno.test("formatStatus() fits terminals of any width, and says what it has no room for", () => {
  const busy = {
    ...WORKER,
    lastError: "Killed",
    pid: 1_234_567,
    bytesIn: 1.5 * 2 ** 40,
    bytesOut: 999 * 2 ** 30,
  };
  const status = {
    ...STATUS,
    workers: [busy, { ...busy, port: 51_234, state: "backoff" as const }],
  };
  const headings = "PORT PID STATE UPTIME RESTARTS SESSIONS TRANSFERS IN OUT CPU MEMORY".split(" ");
  for (const terminal of [{ interactive: true }, { interactive: false, dumb: true }]) {
    for (let columns = 30; columns <= 140; columns++) {
      const text = formatStatus(status, { ...terminal, color: false, columns });
      const [table = "", missing = ""] = text.split("no room for ");
      for (const line of table.split("\n")) {
        assert.ok(line.length <= columns, `${line.length} of ${columns}: ${line}`);
      }
      const left = missing.split("\n")[0]?.split(", ").filter((word) => word !== "") ?? [];
      for (const heading of headings) {
        const shown = new RegExp(`(^|[ │])${heading}( |$)`, "m").test(table);
        assert.equal(shown, !left.includes(heading), `${heading} at ${columns}: ${text}`);
      }
    }
  }
  const piped = formatStatus(status, { interactive: false, color: false, columns: 80 });
  assert.ok(!piped.includes("no room"), "a pipe takes lines of any length");
});
