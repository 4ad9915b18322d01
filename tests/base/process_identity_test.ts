import assert from "node:assert/strict";
import { isPid, MAX_PID, sameIdentity } from "../../base/mod.ts";

Deno.test("sameIdentity() takes a process that got the id of another one later for another one", () => {
  assert.ok(sameIdentity({ pid: 5, startTime: 7n }, { pid: 5, startTime: 7n }));
  assert.ok(!sameIdentity({ pid: 5, startTime: 7n }, { pid: 5, startTime: 8n }));
  assert.ok(!sameIdentity({ pid: 5, startTime: 7n }, { pid: 6, startTime: 7n }));
});

Deno.test("isPid() takes what the systems' calls take, and no group of processes", () => {
  for (const pid of [1, Deno.pid, MAX_PID]) assert.ok(isPid(pid), `${pid}`);
  for (const other of [0, -1, MAX_PID + 1, 1.5, NaN, "1", undefined]) {
    assert.ok(!isPid(other), `${other}`);
  }
});
