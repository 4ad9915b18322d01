/** `STARTUPINFOEXW` on 64-bit Windows (processthreadsapi.h); sizes and offsets in bytes. */
export const STARTUPINFOEX = {
  size: 112,
  cb: 0,
  dwFlags: 60,
  hStdInput: 80,
  hStdOutput: 88,
  hStdError: 96,
  lpAttributeList: 104,
} as const;

/** `PROCESS_INFORMATION` on 64-bit Windows. */
export const PROCESS_INFORMATION = { size: 24, hProcess: 0, hThread: 8, dwProcessId: 16 } as const;
