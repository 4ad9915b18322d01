import assert from "node:assert/strict";
import { IDLE_WORKER } from "../../fixtures/idle_worker.ts";
import { NoWorkerServesError } from "../../../cli/files/unserved.ts";
import type { WorkerState } from "../../../base/mod.ts";
import type { WorkerStatus } from "../../../handlers/commands/mod.ts";

function worker(port: number, state: WorkerState, lastError: string | null = null): WorkerStatus {
  return {
    ...IDLE_WORKER,
    ...{ port, pid: null, state, uptimeMs: 0, restarts: 0, sessions: 0, transfers: 0, bytesIn: 0 },
    ...{ bytesOut: 0, rssBytes: 0, cpuPercent: 0, turnP99Ms: null, heartbeatAgeMs: null },
    ...{ lastError, lastExit: null },
  };
}

// C3
Deno.test("NoWorkerServesError says how the workers are, and what to do about it", () => {
  const start = "start them with: deno task msquicd restart all --instance x";
  const soon = "try again soon, and see: deno task msquicd status --instance x";
  const cases: [WorkerStatus[], string][] = [
    [[], "it has none; add one with: deno task msquicd spawn --instance x"],
    [[worker(1, "stopped"), worker(2, "stopped", "Old")], `all are stopped; ${start}`],
    [
      [worker(1, "stopped"), worker(2, "failed", "Exited with code 1")],
      `1 is stopped, 2 has failed (Exited with code 1); ${start}`,
    ],
    [
      [worker(1, "failed"), worker(2, "backoff", "Killed by SIGKILL")],
      `1 has failed, 2 is about to be started again (Killed by SIGKILL); ${soon}`,
    ],
    [[worker(1, "starting"), worker(2, "draining")], `1 is starting, 2 is draining; ${soon}`],
  ];
  for (const [workers, said] of cases) {
    const { message } = new NoWorkerServesError("x", workers);
    assert.equal(message, `No worker of instance "x" serves: ${said}`);
  }
});
