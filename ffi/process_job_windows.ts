import { leaseKernel32 } from "./kernel32.ts";
import { type LibraryLease, NativeLibrary } from "./native_library.ts";

const JOB_SYMBOLS = {
  CreateJobObjectW: {
    parameters: [
      "pointer", // LPSECURITY_ATTRIBUTES lpJobAttributes
      "pointer", // LPCWSTR lpName
    ],
    result: "pointer", // HANDLE
  },
  SetInformationJobObject: {
    parameters: [
      "pointer", // HANDLE hJob
      "i32", // JOBOBJECTINFOCLASS JobObjectInformationClass
      "buffer", // LPVOID lpJobObjectInformation
      "u32", // DWORD cbJobObjectInformationLength
    ],
    result: "i32",
  },
  AssignProcessToJobObject: {
    parameters: [
      "pointer", // HANDLE hJob
      "pointer", // HANDLE hProcess
    ],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** `JOBOBJECT_EXTENDED_LIMIT_INFORMATION` on 64-bit Windows (winnt.h); in bytes. */
export const JOB_LIMITS = { size: 144, LimitFlags: 16 } as const;

/** Values of winnt.h. */
export const JobConstants = {
  JobObjectExtendedLimitInformation: 9,
  JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE: 0x2000,
  PROCESS_TERMINATE: 0x1,
  PROCESS_SET_QUOTA: 0x100,
} as const;

const library = new NativeLibrary(() => Deno.dlopen("kernel32.dll", JOB_SYMBOLS));

/**
 * A Job Object, on Windows alone: Windows ends the processes in it with the last handle to it, which is
 * this process's own, however this process ends.
 *
 * Microsoft: "Job Objects", `JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE`.
 */
export class ProcessJob implements Disposable {
  readonly #library: LibraryLease<typeof JOB_SYMBOLS> = library.lease();
  readonly #handle: NonNullable<Deno.PointerValue>;
  #closed = false;

  /** @throws {Error} If Windows refuses; gives its error number. */
  constructor() {
    using kernel32 = leaseKernel32();
    const { symbols } = this.#library;
    const handle = symbols.CreateJobObjectW(null, null);
    if (handle === null) throw failure("make a job object");
    this.#handle = handle;
    const limits = new DataView(new ArrayBuffer(JOB_LIMITS.size));
    const { JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE } = JobConstants;
    limits.setUint32(JOB_LIMITS.LimitFlags, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, true);
    const limited = symbols.SetInformationJobObject(
      handle,
      JobConstants.JobObjectExtendedLimitInformation,
      new Uint8Array(limits.buffer),
      JOB_LIMITS.size,
    );
    if (limited !== 0) return;
    const error = failure("limit a job object");
    kernel32.symbols.CloseHandle(handle);
    throw error;
  }

  /**
   * Puts a process into the job; what that starts later will be in it as well.
   *
   * @param pid Id of a child that runs, or whose end has not been waited for.
   * @throws {Error} If Windows refuses, as it does when the process has ended.
   */
  add(pid: number): void {
    using kernel32 = leaseKernel32();
    const { PROCESS_TERMINATE, PROCESS_SET_QUOTA } = JobConstants;
    const process = kernel32.symbols.OpenProcess(PROCESS_TERMINATE | PROCESS_SET_QUOTA, 0, pid);
    if (process === null) throw failure(`open process ${pid}`);
    try {
      const added = this.#library.symbols.AssignProcessToJobObject(this.#handle, process);
      if (added === 0) throw failure(`put process ${pid} into a job object`);
    } finally {
      kernel32.symbols.CloseHandle(process);
    }
  }

  /** Ends the processes that are still in it. */
  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    using kernel32 = leaseKernel32();
    kernel32.symbols.CloseHandle(this.#handle);
    this.#library[Symbol.dispose]();
  }
}

function failure(action: string): Error {
  using kernel32 = leaseKernel32();
  return new Error(`Cannot ${action}: Windows error ${kernel32.symbols.GetLastError()}`);
}
