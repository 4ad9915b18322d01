import { ERROR_ACCESS_DENIED, kernel32, SYNCHRONIZE, WAIT_TIMEOUT } from "../libraries/kernel32.ts";

// A value of winnt.h.
const PROCESS_QUERY_LIMITED_INFORMATION = 0x1000;

/** When it was created, in units of 100 ns since 1601. */
export function processStartTime(pid: number): bigint | undefined {
  const handle = kernel32.OpenProcess(SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION, 0, pid);
  if (handle === null) return kernel32.GetLastError() === ERROR_ACCESS_DENIED ? 0n : undefined;
  try {
    if (kernel32.WaitForSingleObject(handle, 0) !== WAIT_TIMEOUT) return undefined;
    const created = new BigUint64Array(1);
    const unused = new BigUint64Array(1);
    const told = kernel32.GetProcessTimes(handle, created, unused, unused, unused);
    return told === 0 ? 0n : created[0];
  } finally {
    kernel32.CloseHandle(handle);
  }
}

export function processAlive(pid: number): boolean {
  const handle = kernel32.OpenProcess(SYNCHRONIZE, 0, pid);
  if (handle === null) return kernel32.GetLastError() === ERROR_ACCESS_DENIED;
  try {
    // A process object is signalled once the process has ended.
    return kernel32.WaitForSingleObject(handle, 0) === WAIT_TIMEOUT;
  } finally {
    kernel32.CloseHandle(handle);
  }
}
