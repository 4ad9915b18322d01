import {
  ERROR_ALREADY_EXISTS,
  ERROR_FILE_NOT_FOUND,
  INVALID_HANDLE_VALUE,
  kernel32,
  wideString,
} from "../libraries/kernel32.ts";
import type { Mapping } from "./mapping.ts";
import { ownerOnly } from "../access/owner_only_windows.ts";
import { nameTaken, noSuchName, SharedMemoryError } from "./shared_memory_error.ts";

const PAGE_READWRITE = 0x4;
const FILE_MAP_READ_WRITE = 0x4 | 0x2;
/** MEMORY_BASIC_INFORMATION on 64-bit Windows; SIZE_T RegionSize is at 24. */
const MEMORY_BASIC_INFORMATION_SIZE = 48;
const REGION_SIZE_WORD = 24 / 8;

/** Creates an object of `size` zeroed bytes in the paging file that only this user may open. */
export function createMapping(name: string, size: number): Mapping {
  using security = ownerOnly();
  const path = wideString(localName(name));
  const handle = kernel32.CreateFileMappingW(
    Deno.UnsafePointer.create(INVALID_HANDLE_VALUE),
    security.attributes,
    PAGE_READWRITE,
    Math.floor(size / 2 ** 32),
    size >>> 0,
    path,
  );
  const error = kernel32.GetLastError();
  if (handle === null) throw failure("create", name, error);
  using undo = new DisposableStack();
  undo.defer(() => closeHandle(handle));
  // CreateFileMapping opens what is there: only the last error tells.
  if (error === ERROR_ALREADY_EXISTS) throw failure("create", name, error);
  return map(handle, undo.move(), name, size);
}

/** Maps an object that exists; its size is rounded up to whole pages. */
export function openMapping(name: string): Mapping {
  const path = wideString(localName(name));
  const handle = kernel32.OpenFileMappingW(FILE_MAP_READ_WRITE, 0, path);
  if (handle === null) throw failure("open", name, kernel32.GetLastError());
  using undo = new DisposableStack();
  undo.defer(() => closeHandle(handle));
  return map(handle, undo.move(), name);
}

/** Windows removes the name with the last process that has the object open. */
export function unlinkMapping(_name: string): void {}

/**
 * @param held Closes the handle, which stays open as long as the mapping: the name lives with handles,
 * not with views.
 */
function map(
  handle: NonNullable<Deno.PointerValue>,
  held: DisposableStack,
  name: string,
  size?: number,
): Mapping {
  using undo = new DisposableStack();
  undo.use(held);
  const view = kernel32.MapViewOfFile(handle, FILE_MAP_READ_WRITE, 0, 0, 0n);
  if (view === null) throw failure("map", name, kernel32.GetLastError());
  undo.defer(() => kernel32.UnmapViewOfFile(view));
  const buffer = Deno.UnsafePointerView.getArrayBuffer(view, size ?? regionSize(view));
  const mapped = undo.move();
  return { buffer, unmap: () => mapped.dispose() };
}

function closeHandle(handle: NonNullable<Deno.PointerValue>): void {
  kernel32.CloseHandle(handle);
}

function regionSize(view: Deno.PointerValue): number {
  const information = new BigUint64Array(MEMORY_BASIC_INFORMATION_SIZE / 8);
  kernel32.VirtualQuery(view, information, BigInt(information.byteLength));
  return Number(information[REGION_SIZE_WORD]);
}

// Local\ keeps the name within the user's logon session.
function localName(name: string): string {
  return `Local\\${name}`;
}

function failure(action: string, name: string, error: number): SharedMemoryError {
  if (error === ERROR_ALREADY_EXISTS) return nameTaken(action, name);
  if (error === ERROR_FILE_NOT_FOUND) return noSuchName(action, name);
  return new SharedMemoryError(
    "shared-memory-failed",
    `Cannot ${action} shared memory "${name}": Windows error ${error}`,
  );
}
