import { type LibraryLease, NativeLibrary } from "./native_library.ts";

const PROCESS_SYMBOLS = {
  CreateProcessW: {
    parameters: [
      "buffer", // LPCWSTR lpApplicationName
      "buffer", // LPWSTR lpCommandLine
      "pointer", // LPSECURITY_ATTRIBUTES lpProcessAttributes
      "pointer", // LPSECURITY_ATTRIBUTES lpThreadAttributes
      "i32", // BOOL bInheritHandles
      "u32", // DWORD dwCreationFlags
      "pointer", // LPVOID lpEnvironment
      "pointer", // LPCWSTR lpCurrentDirectory
      "buffer", // LPSTARTUPINFOW lpStartupInfo
      "buffer", // LPPROCESS_INFORMATION lpProcessInformation
    ],
    result: "i32", // BOOL
  },
  GetExitCodeProcess: {
    parameters: [
      "pointer", // HANDLE hProcess
      "buffer", // LPDWORD lpExitCode
    ],
    result: "i32",
  },
  TerminateProcess: {
    parameters: [
      "pointer", // HANDLE hProcess
      "u32", // UINT uExitCode
    ],
    result: "i32",
  },
  InitializeProcThreadAttributeList: {
    parameters: [
      "buffer", // LPPROC_THREAD_ATTRIBUTE_LIST lpAttributeList
      "u32", // DWORD dwAttributeCount
      "u32", // DWORD dwFlags
      "buffer", // PSIZE_T lpSize
    ],
    result: "i32",
  },
  UpdateProcThreadAttribute: {
    parameters: [
      "buffer", // LPPROC_THREAD_ATTRIBUTE_LIST lpAttributeList
      "u32", // DWORD dwFlags
      "usize", // DWORD_PTR Attribute
      "buffer", // PVOID lpValue
      "usize", // SIZE_T cbSize
      "pointer", // PVOID lpPreviousValue
      "pointer", // PSIZE_T lpReturnSize
    ],
    result: "i32",
  },
  DeleteProcThreadAttributeList: {
    parameters: [
      "buffer", // LPPROC_THREAD_ATTRIBUTE_LIST lpAttributeList
    ],
    result: "void",
  },
} as const satisfies Deno.ForeignLibraryInterface;

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

const library = new NativeLibrary(() => Deno.dlopen("kernel32.dll", PROCESS_SYMBOLS));

/** The part of Windows' kernel32 that is about processes. @throws {Error} elsewhere. */
export function leaseProcessApi(): LibraryLease<typeof PROCESS_SYMBOLS> {
  return library.lease();
}
