import { FileLockError } from "./file_lock_error.ts";
import {
  INVALID_HANDLE_VALUE,
  kernel32,
  OPEN_ALWAYS,
  OPEN_EXISTING,
  SHARE_ALL,
  wideString,
} from "../libraries/kernel32.ts";

// Values of winnt.h, minwinbase.h and winerror.h.
const GENERIC_READ_WRITE = 0xC000_0000;
const FILE_ATTRIBUTE_NORMAL = 0x80;
const EXCLUSIVE_AND_AT_ONCE = 0x2 | 0x1;
const ERROR_LOCK_VIOLATION = 33;
const ERROR_IO_PENDING = 997;

/** @returns A function that lets go; `undefined` if someone holds the lock. */
export function tryLock(
  path: string,
  offset: number,
  length: number,
  create: boolean,
): (() => void) | undefined {
  using undo = new DisposableStack();
  const { LockFileEx, CloseHandle, CreateFileW, GetLastError } = kernel32;
  const at = overlapped(offset);
  const name = wideString(path);
  const handle = CreateFileW(
    name,
    GENERIC_READ_WRITE,
    SHARE_ALL,
    null,
    create ? OPEN_ALWAYS : OPEN_EXISTING,
    FILE_ATTRIBUTE_NORMAL,
    null,
  );
  if (handle === null || Deno.UnsafePointer.value(handle) === INVALID_HANDLE_VALUE) {
    throw failure(path, GetLastError());
  }
  undo.defer(() => CloseHandle(handle));
  if (LockFileEx(handle, EXCLUSIVE_AND_AT_ONCE, 0, length, 0, at) === 0) {
    const code = GetLastError();
    if (code === ERROR_LOCK_VIOLATION || code === ERROR_IO_PENDING) return undefined;
    throw failure(path, code);
  }
  const held = undo.move();
  return () => held.dispose();
}

/** `OVERLAPPED`, which says where the lock begins. */
function overlapped(offset: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(32));
  view.setBigUint64(16, BigInt(offset), true); // Offset and OffsetHigh
  return new Uint8Array(view.buffer);
}

function failure(path: string, code: number): FileLockError {
  return new FileLockError(path, `Windows error ${code}`);
}
