import { parseAccessList, strangers } from "./access_list.ts";
import { leaseAdvapi32 } from "../libraries/advapi32.ts";
import {
  INVALID_HANDLE_VALUE,
  kernel32,
  OPEN_EXISTING,
  wideString,
} from "../libraries/kernel32.ts";
import { currentUserSid, securityDescriptor } from "./owner_only_windows.ts";

// Values of winnt.h and fileapi.h.
const OWNER_SECURITY_INFORMATION = 0x1;
const DACL_SECURITY_INFORMATION = 0x4;
const OWNER_AND_LIST = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
const READ_CONTROL = 0x2_0000;
const WRITE_DAC = 0x4_0000;
/** The longest access list is 64 KiB. */
const DESCRIPTOR_SIZE = 128 * 1024;

/**
 * Gives a directory an access list, on Windows alone, that lets in this process's user, SYSTEM and the
 * administrators, and hands that down to what will be in it. Nothing is inherited from its parent.
 *
 * @throws {Error} If Windows refuses; gives its error number.
 */
export function keepDirectoryPrivate(path: string): void {
  using advapi32 = leaseAdvapi32();
  const who = [currentUserSid(), "SY", "BA"];
  using descriptor = securityDescriptor(`D:P${who.map((sid) => `(A;OICI;FA;;;${sid})`).join("")}`);
  const set = advapi32.symbols.SetFileSecurityW(
    wideString(path),
    DACL_SECURITY_INFORMATION,
    descriptor.pointer,
  );
  if (set === 0) throw failure(`restrict access to ${path}`);
}

/**
 * The SIDs other than this process's user, SYSTEM and the administrators that own a file or directory
 * or that its access list lets in; on Windows alone.
 *
 * @throws {Error} If Windows does not say; gives its error number.
 */
export function strangersTo(path: string): string[] {
  using advapi32 = leaseAdvapi32();
  const bytes = new Uint8Array(DESCRIPTOR_SIZE);
  const got = advapi32.symbols.GetFileSecurityW(
    wideString(path),
    OWNER_AND_LIST,
    bytes,
    bytes.length,
    new Uint32Array(1),
  );
  if (got === 0) throw failure(`read who may open ${path}`);
  return strangers(parseAccessList(bytes), currentUserSid());
}

/**
 * Gives a named pipe that has a server an access list, on Windows alone, that lets in nobody but this
 * process's user. The list is that of the pipe, not of one instance: later instances have it as well.
 *
 * Opens the pipe for a moment, which its server sees as a client that leaves at once.
 *
 * @returns The SIDs of others that it lets in even so: none, where all is well.
 * @throws {Error} If Windows refuses; gives its error number.
 */
export function keepPipePrivate(name: string): string[] {
  using advapi32 = leaseAdvapi32();
  const user = currentUserSid();
  using descriptor = securityDescriptor(`D:P(A;;GA;;;${user})`);
  const handle = kernel32.CreateFileW(
    wideString(name),
    READ_CONTROL | WRITE_DAC,
    0,
    null,
    OPEN_EXISTING,
    0,
    null,
  );
  if (Deno.UnsafePointer.value(handle) === INVALID_HANDLE_VALUE) throw failure(`open ${name}`);
  try {
    const { symbols } = advapi32;
    if (
      symbols.SetKernelObjectSecurity(handle, DACL_SECURITY_INFORMATION, descriptor.pointer) === 0
    ) throw failure(`restrict access to ${name}`);
    const bytes = new Uint8Array(DESCRIPTOR_SIZE);
    const size = new Uint32Array(1);
    if (symbols.GetKernelObjectSecurity(handle, OWNER_AND_LIST, bytes, bytes.length, size) === 0) {
      throw failure(`read who may open ${name}`);
    }
    const { granted } = parseAccessList(bytes);
    return strangers({ owner: user, granted }, user);
  } finally {
    kernel32.CloseHandle(handle);
  }
}

function failure(action: string): Error {
  return new Error(`Cannot ${action}: Windows error ${kernel32.GetLastError()}`);
}
