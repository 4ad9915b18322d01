import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { trapProcess } from "../../../worker/life/process_traps.ts";
import { within } from "../../ffi/within.ts";

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
  await within(30_000, "both", both.promise);
  assert.ok(faults.includes(rejected) && faults.includes(thrown));
});

Deno.test({
  name: "trapProcess takes SIGTERM and ignores what a terminal sends",
  ignore: Deno.build.os === "windows",
  async fn() {
    const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
    const config = path("../../../deno.json");
    // Not this process, whose signals may be handled in another order, and after the traps are gone.
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", "--config", config, path("./trapped_process.ts")],
      ...{ stdin: "null", stdout: "piped" },
    }).spawn();
    const output = child.stdout.values();
    await within(30_000, "the traps", output.next());
    for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) child.kill(signal);
    const { code, signal } = await child.status;
    assert.deepEqual({ code, signal }, { code: 7, signal: null });
    await output.return?.();
  },
});
