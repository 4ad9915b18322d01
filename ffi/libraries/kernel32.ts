import { type LibraryLease, NativeLibrary } from "./native_library.ts";

const KERNEL32_SYMBOLS = {
  CreateFileW: {
    parameters: [
      "buffer", // LPCWSTR lpFileName
      "u32", // DWORD dwDesiredAccess
      "u32", // DWORD dwShareMode
      "buffer", // LPSECURITY_ATTRIBUTES lpSecurityAttributes
      "u32", // DWORD dwCreationDisposition
      "u32", // DWORD dwFlagsAndAttributes
      "pointer", // HANDLE hTemplateFile
    ],
    result: "pointer", // HANDLE
  },
  CreateFileMappingW: {
    parameters: [
      "pointer", // HANDLE hFile
      "buffer", // LPSECURITY_ATTRIBUTES lpFileMappingAttributes
      "u32", // DWORD flProtect
      "u32", // DWORD dwMaximumSizeHigh
      "u32", // DWORD dwMaximumSizeLow
      "buffer", // LPCWSTR lpName
    ],
    result: "pointer", // HANDLE
  },
  OpenFileMappingW: {
    parameters: [
      "u32", // DWORD dwDesiredAccess
      "i32", // BOOL bInheritHandle
      "buffer", // LPCWSTR lpName
    ],
    result: "pointer", // HANDLE
  },
  MapViewOfFile: {
    parameters: [
      "pointer", // HANDLE hFileMappingObject
      "u32", // DWORD dwDesiredAccess
      "u32", // DWORD dwFileOffsetHigh
      "u32", // DWORD dwFileOffsetLow
      "usize", // SIZE_T dwNumberOfBytesToMap
    ],
    result: "pointer", // LPVOID
  },
  UnmapViewOfFile: {
    parameters: [
      "pointer", // LPCVOID lpBaseAddress
    ],
    result: "i32",
  },
  VirtualQuery: {
    parameters: [
      "pointer", // LPCVOID lpAddress
      "buffer", // PMEMORY_BASIC_INFORMATION lpBuffer
      "usize", // SIZE_T dwLength
    ],
    result: "usize",
  },
  CreateEventW: {
    parameters: [
      "buffer", // LPSECURITY_ATTRIBUTES lpEventAttributes
      "i32", // BOOL bManualReset
      "i32", // BOOL bInitialState
      "buffer", // LPCWSTR lpName
    ],
    result: "pointer", // HANDLE
  },
  OpenEventW: {
    parameters: [
      "u32", // DWORD dwDesiredAccess
      "i32", // BOOL bInheritHandle
      "buffer", // LPCWSTR lpName
    ],
    result: "pointer", // HANDLE
  },
  SetEvent: {
    parameters: [
      "pointer", // HANDLE hEvent
    ],
    result: "i32",
  },
  OpenProcess: {
    parameters: [
      "u32", // DWORD dwDesiredAccess
      "i32", // BOOL bInheritHandle
      "u32", // DWORD dwProcessId
    ],
    result: "pointer", // HANDLE
  },
  WaitForSingleObject: {
    parameters: [
      "pointer", // HANDLE hHandle
      "u32", // DWORD dwMilliseconds
    ],
    result: "u32",
  },
  WaitForMultipleObjects: {
    parameters: [
      "u32", // DWORD nCount
      "buffer", // const HANDLE *lpHandles
      "i32", // BOOL bWaitAll
      "u32", // DWORD dwMilliseconds
    ],
    result: "u32",
  },
  WaitForMultipleObjects_parked: {
    name: "WaitForMultipleObjects",
    parameters: ["u32", "buffer", "i32", "u32"],
    result: "u32",
    nonblocking: true,
  },
  CloseHandle: {
    parameters: [
      "pointer", // HANDLE hObject
    ],
    result: "i32",
  },
  LocalFree: {
    parameters: [
      "pointer", // HLOCAL hMem
    ],
    result: "pointer",
  },
  GetLastError: {
    parameters: [],
    result: "u32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

// Values of fileapi.h, handleapi.h, winbase.h, winerror.h and winnt.h.
export const INVALID_HANDLE_VALUE = 0xFFFF_FFFF_FFFF_FFFFn;
export const SHARE_ALL = 0x7;
export const OPEN_EXISTING = 3;
export const OPEN_ALWAYS = 4;
export const ERROR_FILE_NOT_FOUND = 2;
export const ERROR_ACCESS_DENIED = 5;
export const ERROR_ALREADY_EXISTS = 183;
export const WAIT_OBJECT_0 = 0;
export const WAIT_TIMEOUT = 0x102;
export const INFINITE = 0xFFFF_FFFF;
export const MAXIMUM_WAIT_OBJECTS = 64;
export const SYNCHRONIZE = 0x0010_0000;

const kernel32 = new NativeLibrary(() => Deno.dlopen("kernel32.dll", KERNEL32_SYMBOLS));

/** Windows' kernel32. @throws {Error} elsewhere. */
export function leaseKernel32(): LibraryLease<typeof KERNEL32_SYMBOLS> {
  return kernel32.lease();
}

/** A NUL-terminated UTF-16 string (LPCWSTR). */
export function wideString(text: string): Uint16Array<ArrayBuffer> {
  const wide = new Uint16Array(text.length + 1);
  for (let i = 0; i < text.length; i++) wide[i] = text.charCodeAt(i);
  return wide;
}
