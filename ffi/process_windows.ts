import { ERROR_ACCESS_DENIED, leaseKernel32, SYNCHRONIZE, WAIT_TIMEOUT } from "./kernel32.ts";

export function processAlive(pid: number): boolean {
  using kernel32 = leaseKernel32();
  const handle = kernel32.symbols.OpenProcess(SYNCHRONIZE, 0, pid);
  if (handle === null) return kernel32.symbols.GetLastError() === ERROR_ACCESS_DENIED;
  try {
    // A process object is signalled once the process has ended.
    return kernel32.symbols.WaitForSingleObject(handle, 0) === WAIT_TIMEOUT;
  } finally {
    kernel32.symbols.CloseHandle(handle);
  }
}
