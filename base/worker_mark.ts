/** Set in the environment of a process that is started as a worker, and nowhere else. */
const WORKER_MARK = "MSQUICD_WORKER";

let marked: boolean | undefined;

/** What a manager adds to the environment of a worker. */
export const WORKER_ENVIRONMENT: Readonly<Record<string, string>> = { [WORKER_MARK]: "1" };

/**
 * Whether a manager has started this process to be one of its workers. A program that embeds a manager
 * and is compiled is started again for each of them, and has to begin with
 * `if (isWorker()) Deno.exit(await runWorker())`.
 */
export function isWorker(): boolean {
  return marked ??= Deno.env.get(WORKER_MARK) === "1";
}

/** Keeps the mark from what a worker may start itself. */
export function removeWorkerMark(): void {
  if (isWorker()) Deno.env.delete(WORKER_MARK);
}
