import { getLogger } from "@logtape/logtape";
import type { ProcessJob } from "../../ffi/process/process_job_windows.ts";

const windows = Deno.build.os === "windows"
  ? await import("../../ffi/process/process_job_windows.ts")
  : undefined;

const logger = getLogger(["msquicd", "manager"]);

/** Stays open as long as this process runs: its end is what ends those in it. */
let job: ProcessJob | undefined;

/**
 * Sees to it that on Windows a child does not outlive this process, however this one ends. Elsewhere
 * there is nothing to be done.
 *
 * @param pid Id of a child that was started just now. If it has ended already, that is no error.
 */
export function endsWithUs(pid: number): void {
  if (windows === undefined) return;
  try {
    job ??= new windows.ProcessJob();
    job.add(pid);
  } catch (error) {
    // Deno's own job has it as well, and it would notice by itself.
    logger.debug("Worker process {pid} is in no job: {error}", { pid, error });
  }
}
