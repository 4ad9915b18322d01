import type { BackgroundProcess } from "./background_process.ts";
import * as posix from "./background_process_posix.ts";

const platform = Deno.build.os === "windows"
  ? await import("./background_process_windows.ts")
  : posix;

/**
 * Starts a program in the background. What it says on standard error is appended to a file.
 *
 * @throws {Error} If the file cannot be opened, or Windows does not start it.
 */
export function startInBackground(
  path: string,
  args: readonly string[],
  logFile: string,
): BackgroundProcess {
  return platform.startInBackground(path, args, logFile);
}
