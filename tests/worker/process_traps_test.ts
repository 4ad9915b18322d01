import assert from "node:assert/strict";
import { trapProcess } from "../../worker/process_traps.ts";
import { within } from "../ffi/within.ts";

Deno.test("trapProcess takes an unhandled rejection and an uncaught error", async () => {
  const faults: unknown[] = [];
  const both = Promise.withResolvers<void>();
  using _traps = trapProcess({
    onTerminate: assert.fail,
    onFault(error) {
      if (faults.push(error) === 2) both.resolve();
    },
  });
  const rejected = new Error("Rejected and not handled");
  const thrown = new Error("Thrown and not caught");
  void Promise.reject(rejected);
  queueMicrotask(() => {
    throw thrown;
  });
  await within(5000, "both", both.promise);
  assert.ok(faults.includes(rejected) && faults.includes(thrown));
});

Deno.test({
  name: "trapProcess takes SIGTERM and ignores what a terminal sends",
  ignore: Deno.build.os === "windows",
  async fn() {
    const terminated = Promise.withResolvers<void>();
    using _traps = trapProcess({ onTerminate: terminated.resolve, onFault: assert.fail });
    Deno.kill(Deno.pid, "SIGHUP"); // and SIGINT, to which the test runner listens as well
    Deno.kill(Deno.pid, "SIGTERM");
    await within(5000, "the signal", terminated.promise);
  },
});
