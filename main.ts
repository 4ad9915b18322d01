/**
 * The executable's entry: a worker, or the command line (which a manager is started from).
 *
 * @module
 */

import { ignoreNeedlessSignals } from "./ffi/process/ignored_signals.ts";

async function run(args: string[]): Promise<number> {
  ignoreNeedlessSignals();
  if (args[0] === "worker") {
    const { main } = await import("./worker/main.ts");
    return await main(args.slice(1));
  }
  const { main } = await import("./cli/main.ts");
  return await main(args);
}

// Everything is released by now: whatever a dependency left behind must not keep the process alive.
if (import.meta.main) Deno.exit(await run(Deno.args));
