import * as posix from "./background_process_posix.ts";
import * as windows from "./background_process_windows.ts";

const platform = Deno.build.os === "windows" ? windows : posix;

/** A process that lives on when this one and its terminal are gone. */
export interface BackgroundProcess {
  /** `undefined` if it could not be started. */
  readonly pid: number | undefined;
  readonly ended: boolean;
  /** `undefined` while it runs, and if it was killed. */
  readonly exitCode: number | undefined;
  /** Ends it; on Windows, which has no way of asking, at once. Its own children end with it. */
  stop(): Promise<void>;
}

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
