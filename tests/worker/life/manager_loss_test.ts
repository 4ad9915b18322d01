import assert from "node:assert/strict";
import type { ProcessIdentity } from "../../../base/mod.ts";
import type { WorkerConfig } from "../../../ipc/mod.ts";
import { redirectLogs } from "../../../log/mod.ts";
import { Departure } from "../../../worker/life/departure.ts";
import { ManagerLoss } from "../../../worker/life/manager_loss.ts";

function configOf(keep: boolean): WorkerConfig {
  return {
    instance: "test",
    host: "127.0.0.1",
    port: 1,
    root: "/",
    certificateFile: "",
    privateKeyFile: "",
    token: "",
    logLevel: "info",
    logFormat: "pretty",
    onManagerLoss: { keep, deadlineMs: 5000, logFile: "" },
  };
}

Deno.test("ManagerLoss has a worker leave within its deadline, or at once if it was not told", async () => {
  for (const config of [configOf(false), undefined]) {
    using departure = new Departure();
    let leaving = 0;
    const manager = () => ({ pid: 1, startTime: 2n });
    const loss = new ManagerLoss({
      manager,
      departure,
      config: () => config,
      onLeaving: () => leaving++,
    });
    assert.equal(loss.alone, false);
    loss.note();
    loss.note();
    assert.deepEqual([loss.alone, leaving], [true, 2]);
    assert.equal(await departure.begun, "manager-lost");
    assert.equal(departure.remainingMs > 3000, config !== undefined);
  }
});

Deno.test("ManagerLoss has a worker that is kept go on, alone until somebody takes over", () => {
  using departure = new Departure();
  let manager: ProcessIdentity = { pid: 1, startTime: 2n };
  const config = configOf(true);
  const loss = new ManagerLoss({
    manager: () => manager,
    departure,
    config: () => config,
    onLeaving: assert.fail,
  });
  const said: string[] = [];
  using _logs = redirectLogs((line) => void said.push(line));
  loss.note();
  loss.note();
  assert.deepEqual([loss.alone, departure.remainingMs > 1e9], [true, true]);
  // The same id, and yet another process.
  manager = { pid: 1, startTime: 3n };
  assert.equal(loss.alone, false);
});
