import assert from "node:assert/strict";
import { LoopWatch } from "../../../worker/life/loop_watch.ts";
import { CaughtLogs } from "../../fixtures/caught_logs.ts";

Deno.test("LoopWatch names the handlers that were under way when the loop stood still", async () => {
  await using logs = await CaughtLogs.of(["msquicd", "worker"]);
  let now = 0;
  let handlers: string[] = [];
  const watch = new LoopWatch({ everyMs: 250, underWay: () => handlers, now: () => now });
  const after = (ms: number, ...underWay: string[]) => {
    now += ms;
    handlers = underWay;
    watch.note();
  };
  after(260, "a (1)");
  after(700, "a (1)");
  after(5000); // a process that was stopped, perhaps
  assert.deepEqual(logs.messages, []);
  after(1250, "a (1)", "b (2)");
  after(250, "a (1)");
  assert.deepEqual(logs.messages, [
    "All clients have waited for 1000 ms, with requests under way of a (1), b (2)",
  ]);
});
