import {
  INVALID_HANDLE_VALUE,
  kernel32,
  OPEN_ALWAYS,
  SHARE_ALL,
  wideString,
} from "../libraries/kernel32.ts";

// Values of winnt.h and winbase.h.
const GENERIC_READ_WRITE = 0xC000_0000;
const APPEND = 0x0012_0114; // FILE_GENERIC_WRITE without FILE_WRITE_DATA
const PROC_THREAD_ATTRIBUTE_HANDLE_LIST = 0x2_0002n;

/** SECURITY_ATTRIBUTES on 64-bit Windows: DWORD nLength, LPVOID at 8, BOOL bInheritHandle at 16. */
const SECURITY_ATTRIBUTES_SIZE = 24;

/** Something that is given back to Windows when it is disposed of. */
interface Native extends Disposable {
  readonly address: bigint;
}

/** Opens a file so that a child process may inherit it; makes one that is to be appended to. */
export function openForChild(path: string, { append = false } = {}): Native {
  const inheritable = new DataView(new ArrayBuffer(SECURITY_ATTRIBUTES_SIZE));
  inheritable.setUint32(0, SECURITY_ATTRIBUTES_SIZE, true);
  inheritable.setUint32(16, 1, true);
  const name = wideString(path);
  const handle = kernel32.CreateFileW(
    name,
    append ? APPEND : GENERIC_READ_WRITE,
    SHARE_ALL,
    new Uint8Array(inheritable.buffer),
    OPEN_ALWAYS,
    0,
    null,
  );
  const code = kernel32.GetLastError();
  const address = Deno.UnsafePointer.value(handle);
  if (address === INVALID_HANDLE_VALUE) throw failure(`open ${path}`, code);
  return { address, [Symbol.dispose]: () => closeHandle(address) };
}

/** Attributes for a new process that let it inherit these handles alone. */
export function inheritNothingBut(addresses: readonly bigint[]): Native {
  using undo = new DisposableStack();
  const handles = new BigUint64Array(addresses);
  const list = new Uint8Array(attributeListSize());
  const length = new BigUint64Array([BigInt(list.length)]);
  if (kernel32.InitializeProcThreadAttributeList(list, 1, 0, length) === 0) {
    throw failure("list what a process inherits", kernel32.GetLastError());
  }
  undo.defer(() => kernel32.DeleteProcThreadAttributeList(list));
  const updated = kernel32.UpdateProcThreadAttribute(
    list,
    0,
    PROC_THREAD_ATTRIBUTE_HANDLE_LIST,
    handles,
    BigInt(handles.byteLength),
    null,
    null,
  );
  if (updated === 0) throw failure("choose what a process inherits", kernel32.GetLastError());
  const address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(list));
  const held = undo.move();
  return Object.assign(
    { address, [Symbol.dispose]: () => held.dispose() },
    { handles }, // the list points to them
  );
}

/** Gives a handle back. */
export function closeHandle(address: bigint): void {
  kernel32.CloseHandle(Deno.UnsafePointer.create(address));
}

function attributeListSize(): number {
  const size = new BigUint64Array(1);
  kernel32.InitializeProcThreadAttributeList(null, 1, 0, size);
  return Number(size[0]);
}

function failure(action: string, code: number): Error {
  return new Error(`Cannot ${action}: Windows error ${code}`);
}
