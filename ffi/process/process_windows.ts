import {
  ERROR_ACCESS_DENIED,
  leaseKernel32,
  SYNCHRONIZE,
  WAIT_TIMEOUT,
} from "../libraries/kernel32.ts";
import { NativeLibrary } from "../libraries/native_library.ts";

const TIME_SYMBOLS = {
  GetProcessTimes: {
    parameters: [
      "pointer", // HANDLE hProcess
      "buffer", // LPFILETIME lpCreationTime
      "buffer", // LPFILETIME lpExitTime
      "buffer", // LPFILETIME lpKernelTime
      "buffer", // LPFILETIME lpUserTime
    ],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

// A value of winnt.h.
const PROCESS_QUERY_LIMITED_INFORMATION = 0x1000;

const times = new NativeLibrary(() => Deno.dlopen("kernel32.dll", TIME_SYMBOLS));

/** When it was created, in units of 100 ns since 1601. */
export function processStartTime(pid: number): bigint | undefined {
  using kernel32 = leaseKernel32();
  using library = times.lease();
  const { symbols } = kernel32;
  const handle = symbols.OpenProcess(SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION, 0, pid);
  if (handle === null) return symbols.GetLastError() === ERROR_ACCESS_DENIED ? 0n : undefined;
  try {
    if (symbols.WaitForSingleObject(handle, 0) !== WAIT_TIMEOUT) return undefined;
    const created = new BigUint64Array(1);
    const unused = new BigUint64Array(1);
    const told = library.symbols.GetProcessTimes(handle, created, unused, unused, unused);
    return told === 0 ? 0n : created[0];
  } finally {
    symbols.CloseHandle(handle);
  }
}

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
