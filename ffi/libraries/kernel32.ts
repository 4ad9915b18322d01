import { type SystemFunctions, systemFunctions } from "./system_functions.ts";

const KERNEL32 = {
  // Files
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
  GetSystemTimeAdjustment: {
    parameters: [
      "buffer", // PDWORD lpTimeAdjustment
      "buffer", // PDWORD lpTimeIncrement
      "buffer", // PBOOL lpTimeAdjustmentDisabled
    ],
    result: "i32", // BOOL
  },
  GetDiskFreeSpaceExW: {
    parameters: [
      "buffer", // LPCWSTR lpDirectoryName
      "buffer", // PULARGE_INTEGER lpFreeBytesAvailableToCaller
      "buffer", // PULARGE_INTEGER lpTotalNumberOfBytes
      "buffer", // PULARGE_INTEGER lpTotalNumberOfFreeBytes
    ],
    result: "i32", // BOOL
  },
  LockFileEx: {
    parameters: [
      "pointer", // HANDLE hFile
      "u32", // DWORD dwFlags
      "u32", // DWORD dwReserved
      "u32", // DWORD nNumberOfBytesToLockLow
      "u32", // DWORD nNumberOfBytesToLockHigh
      "buffer", // LPOVERLAPPED lpOverlapped
    ],
    result: "i32", // BOOL
  },

  // Memory
  RtlMoveMemory: {
    parameters: [
      "buffer", // PVOID Destination
      "u64", // const VOID *Source
      "usize", // SIZE_T Length
    ],
    result: "void",
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
  LocalFree: {
    parameters: [
      "pointer", // HLOCAL hMem
    ],
    result: "pointer",
  },

  // Events
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
  CreateIoCompletionPort: {
    parameters: [
      "u64", // HANDLE FileHandle
      "u64", // HANDLE ExistingCompletionPort
      "u64", // ULONG_PTR CompletionKey
      "u32", // DWORD NumberOfConcurrentThreads
    ],
    result: "u64",
  },
  GetQueuedCompletionStatusEx: {
    parameters: [
      "u64", // HANDLE CompletionPort
      "pointer", // LPOVERLAPPED_ENTRY lpCompletionPortEntries
      "u32", // ULONG ulCount
      "buffer", // PULONG ulNumEntriesRemoved
      "u32", // DWORD dwMilliseconds
      "i32", // BOOL fAlertable
    ],
    result: "i32",
  },
  GetQueuedCompletionStatusEx_parked: {
    name: "GetQueuedCompletionStatusEx",
    parameters: ["u64", "pointer", "u32", "buffer", "u32", "i32"],
    result: "i32",
    nonblocking: true,
  },
  PostQueuedCompletionStatus: {
    parameters: [
      "u64", // HANDLE CompletionPort
      "u32", // DWORD dwNumberOfBytesTransferred
      "u64", // ULONG_PTR dwCompletionKey
      "u64", // LPOVERLAPPED lpOverlapped
    ],
    result: "i32",
  },

  // Processes
  OpenProcess: {
    parameters: [
      "u32", // DWORD dwDesiredAccess
      "i32", // BOOL bInheritHandle
      "u32", // DWORD dwProcessId
    ],
    result: "pointer", // HANDLE
  },
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

  // Any handle, any failure
  CloseHandle: {
    parameters: [
      "pointer", // HANDLE hObject
    ],
    result: "i32",
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

/**
 * Windows' kernel32. What ends in `_parked` is called on another thread. To load a function changes what
 * GetLastError tells; so that is loaded with the first one, and others are not asked for between a call
 * and it.
 */
export const kernel32: SystemFunctions<typeof KERNEL32> = systemFunctions(
  ["kernel32.dll"],
  KERNEL32,
  ({ GetLastError }) => void GetLastError,
);

/** A NUL-terminated UTF-16 string (LPCWSTR). */
export function wideString(text: string): Uint16Array<ArrayBuffer> {
  const wide = new Uint16Array(text.length + 1);
  for (let i = 0; i < text.length; i++) wide[i] = text.charCodeAt(i);
  return wide;
}
