import { delay } from "../../base/mod.ts";
import { startWindowless } from "../../ffi/process/windowless_process_windows.ts";
import type { BackgroundProcess } from "./background_process.ts";

const POLL_MS = 25;

/**
 * With a console of its own that has no window. Its workers share that; without one, each would open a
 * window. (`node:child_process` can only start it without a console.)
 */
export function startInBackground(
  path: string,
  args: readonly string[],
  logFile: string,
): BackgroundProcess {
  const child = startWindowless({ path, args, logFile });
  return {
    pid: child.pid,
    get ended() {
      return child.exitCode !== undefined;
    },
    get exitCode() {
      return child.exitCode;
    },
    async stop() {
      child.terminate();
      while (child.exitCode === undefined) await delay(POLL_MS);
    },
  };
}
