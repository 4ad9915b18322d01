import { spawn } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import type { BackgroundProcess } from "./background_process.ts";
import { refusedBySystem } from "../state/state_errors.ts";

const OWNER_ONLY = 0o600;

/** How long one that is told to stop may take. */
const STOP_MS = 15_000;

/**
 * In a session of its own. `Deno.Command` cannot send standard error to a file, `node:child_process`
 * can.
 */
export function startInBackground(
  path: string,
  args: readonly string[],
  logFile: string,
): BackgroundProcess {
  const log = openLog(logFile);
  try {
    const child = spawn(otherSpelling(path), args, {
      detached: true,
      stdio: ["ignore", "ignore", log],
    });
    const ended = Promise.withResolvers<void>();
    const outcome: { ended: boolean; exitCode: number | undefined } = {
      ended: false,
      exitCode: undefined,
    };
    const end = (code?: number | null) => {
      outcome.ended = true;
      outcome.exitCode = code ?? undefined;
      ended.resolve();
    };
    child.once("exit", end);
    child.once("error", () => end());
    child.unref();
    return {
      pid: child.pid,
      get ended() {
        return outcome.ended;
      },
      get exitCode() {
        return outcome.exitCode;
      },
      async stop() {
        if (outcome.ended) return;
        child.kill("SIGTERM");
        const kill = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
        await ended.promise;
        clearTimeout(kill);
      },
    };
  } finally {
    closeSync(log);
  }
}

/** For appending; one that somebody reads from, such as a named pipe, is not waited for. */
function openLog(path: string): number {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;
  try {
    return openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, OWNER_ONLY);
  } catch (error) {
    throw refusedBySystem(`log to "${path}"`, error, "remove it");
  }
}

/**
 * The same path, written differently: what `node:child_process` recognizes as Deno itself it takes for
 * Node and gives arguments of its own, in a compiled executable too.
 */
function otherSpelling(path: string): string {
  return path.startsWith("/") ? `/.${path}` : path;
}
