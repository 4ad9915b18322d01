import { ignoreNeedlessSignals } from "../ffi/process/ignored_signals.ts";
import { main } from "./main.ts";

/**
 * Runs this process as a worker of the manager that has started it, to its end. It is for programs that
 * embed a manager and are compiled, or are named by its option `command`: in a worker, they call this
 * before anything else, and leave with what it returns.
 *
 * @param args What the manager has added to the command line: `worker --segment NAME`.
 * @returns The exit code. Everything is released by then, but the process has to be ended.
 */
export async function runWorker(args: readonly string[] = Deno.args): Promise<number> {
  ignoreNeedlessSignals();
  const own = args.lastIndexOf("worker");
  return await main(args.slice(own + 1));
}
