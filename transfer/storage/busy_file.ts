import { setTimeout as delay } from "node:timers/promises";

/** What Windows says while a virus scanner or an indexer looks at a file: it is over in a moment. */
const BUSY_CODES = new Set(["EPERM", "EACCES", "EBUSY"]);

/** How long to go on trying, in milliseconds. */
const PATIENCE_MS = Deno.build.os === "windows" ? 2000 : 0;

/** Gives a file a new name, replacing what has it; on Windows with patience for those who hold it open. */
export function renameFile(from: string, to: string): Promise<void> {
  return untilFree(() => Deno.rename(from, to));
}

/** Takes a name away; on Windows with patience for those who hold the file open. */
export function removeName(path: string): Promise<void> {
  return untilFree(() => Deno.remove(path));
}

/** Does something again and again while a file seems to be in use, for at most `patienceMs` milliseconds. */
export async function untilFree(
  action: () => Promise<void>,
  patienceMs: number = PATIENCE_MS,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (let pause = 10;; pause = Math.min(pause * 2, 200)) {
    try {
      return await action();
    } catch (error) {
      if (!isBusy(error) || performance.now() + pause > deadline) throw error;
    }
    await delay(pause);
  }
}

function isBusy(error: unknown): boolean {
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.Busy) {
    return true;
  }
  return error instanceof Error && "code" in error && BUSY_CODES.has(String(error.code));
}
