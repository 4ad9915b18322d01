import { setTimeout as delay } from "node:timers/promises";

/** What Windows says while a virus scanner or an indexer looks at a file: it is over in a moment. */
const BUSY_CODES = new Set(["EPERM", "EACCES", "EBUSY"]);

/** How long to go on trying on Windows, in milliseconds. */
const PATIENCE_MS = 2000;

/** How {@linkcode renameFile} renames. */
export interface RenameOptions {
  rename?: (from: string, to: string) => Promise<void>;
  /** How long to go on trying while a file seems to be in use, in milliseconds. */
  patienceMs?: number;
}

/** Gives a file a new name, replacing what has it; on Windows with patience for those who hold it open. */
export async function renameFile(
  from: string,
  to: string,
  options: RenameOptions = {},
): Promise<void> {
  const { rename = Deno.rename, patienceMs = Deno.build.os === "windows" ? PATIENCE_MS : 0 } =
    options;
  const deadline = performance.now() + patienceMs;
  for (let pause = 10;; pause = Math.min(pause * 2, 200)) {
    try {
      return await rename(from, to);
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
