import { kernel32 } from "../libraries/kernel32.ts";

/** `JOBOBJECT_EXTENDED_LIMIT_INFORMATION` on 64-bit Windows (winnt.h); in bytes. */
export const JOB_LIMITS = { size: 144, LimitFlags: 16 } as const;

/** Values of winnt.h. */
export const JobConstants = {
  JobObjectExtendedLimitInformation: 9,
  JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE: 0x2000,
  PROCESS_TERMINATE: 0x1,
  PROCESS_SET_QUOTA: 0x100,
} as const;

/**
 * A Job Object, on Windows alone: Windows ends the processes in it with the last handle to it, which is
 * this process's own, however this process ends.
 *
 * Microsoft: "Job Objects", `JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE`.
 */
export class ProcessJob implements Disposable {
  readonly #assign: (process: Deno.PointerValue) => boolean;
  readonly #held: DisposableStack;

  /** @throws {Error} If Windows refuses; gives its error number. */
  constructor() {
    using undo = new DisposableStack();
    const limits = new DataView(new ArrayBuffer(JOB_LIMITS.size));
    const { JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE } = JobConstants;
    limits.setUint32(JOB_LIMITS.LimitFlags, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, true);
    const job = kernel32.CreateJobObjectW(null, null);
    if (job === null) throw failure("make a job object");
    undo.defer(() => kernel32.CloseHandle(job));
    const limited = kernel32.SetInformationJobObject(
      job,
      JobConstants.JobObjectExtendedLimitInformation,
      new Uint8Array(limits.buffer),
      JOB_LIMITS.size,
    );
    if (limited === 0) throw failure("limit a job object");
    this.#assign = (process) => kernel32.AssignProcessToJobObject(job, process) !== 0;
    this.#held = undo.move();
  }

  /**
   * Puts a process into the job; what that starts later will be in it as well.
   *
   * @param pid Id of a child that runs, or whose end has not been waited for.
   * @throws {Error} If Windows refuses, as it does when the process has ended.
   */
  add(pid: number): void {
    const { PROCESS_TERMINATE, PROCESS_SET_QUOTA } = JobConstants;
    const process = kernel32.OpenProcess(PROCESS_TERMINATE | PROCESS_SET_QUOTA, 0, pid);
    if (process === null) throw failure(`open process ${pid}`);
    try {
      if (!this.#assign(process)) throw failure(`put process ${pid} into a job object`);
    } finally {
      kernel32.CloseHandle(process);
    }
  }

  /** Ends the processes that are still in it. */
  [Symbol.dispose](): void {
    this.#held.dispose();
  }
}

function failure(action: string): Error {
  return new Error(`Cannot ${action}: Windows error ${kernel32.GetLastError()}`);
}
