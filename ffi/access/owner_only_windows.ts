import { leaseAdvapi32 } from "../libraries/advapi32.ts";
import { kernel32, wideString } from "../libraries/kernel32.ts";

const CURRENT_PROCESS = 0xFFFF_FFFF_FFFF_FFFFn; // pseudo handle (HANDLE) -1
const TOKEN_QUERY = 0x8;
const TOKEN_USER = 1;
const SDDL_REVISION_1 = 1;
/** SECURITY_ATTRIBUTES on 64-bit Windows: DWORD nLength, LPVOID at 8, BOOL bInheritHandle at 16. */
const SECURITY_ATTRIBUTES_SIZE = 24;
/** TOKEN_USER and the longest SID (SECURITY_MAX_SID_SIZE is 68). */
const TOKEN_USER_SIZE = 16 + 68;

/**
 * SECURITY_ATTRIBUTES that let this process's user, and nobody else, open an object.
 *
 * The user is named by SID: the owner would do as well, were it not that objects which an elevated
 * process makes are owned by all administrators.
 *
 * @throws {Error} when Windows refuses, which it has no reason to.
 */
export function ownerOnly(): { readonly attributes: Uint8Array<ArrayBuffer> } & Disposable {
  using undo = new DisposableStack();
  const descriptor = undo.use(securityDescriptor(`D:P(A;;GA;;;${currentUserSid()})`));
  const attributes = new DataView(new ArrayBuffer(SECURITY_ATTRIBUTES_SIZE));
  attributes.setUint32(0, SECURITY_ATTRIBUTES_SIZE, true);
  attributes.setBigUint64(8, Deno.UnsafePointer.value(descriptor.pointer), true);
  const held = undo.move();
  return { attributes: new Uint8Array(attributes.buffer), [Symbol.dispose]: () => held.dispose() };
}

/** A security descriptor, from the language in which Windows writes them (SDDL). */
export function securityDescriptor(
  sddl: string,
): { readonly pointer: Deno.PointerValue } & Disposable {
  using advapi32 = leaseAdvapi32();
  const descriptor = new BigUint64Array(1);
  const text = wideString(sddl);
  const converted = advapi32.symbols.ConvertStringSecurityDescriptorToSecurityDescriptorW(
    text,
    SDDL_REVISION_1,
    descriptor,
    null,
  );
  if (converted === 0) throw failure("build a security descriptor");
  return {
    pointer: Deno.UnsafePointer.create(descriptor[0]!),
    [Symbol.dispose]: () => localFree(descriptor),
  };
}

/** The SID of the user whose process this is, as `S-1-…`. */
export function currentUserSid(): string {
  using advapi32 = leaseAdvapi32();
  const token = new BigUint64Array(1);
  const process = Deno.UnsafePointer.create(CURRENT_PROCESS);
  if (advapi32.symbols.OpenProcessToken(process, TOKEN_QUERY, token) === 0) {
    throw failure("open this process's token");
  }
  const handle = Deno.UnsafePointer.create(token[0]!);
  try {
    const user = new BigUint64Array(Math.ceil(TOKEN_USER_SIZE / 8));
    const got = advapi32.symbols.GetTokenInformation(
      handle,
      TOKEN_USER,
      user,
      user.byteLength,
      new Uint32Array(1),
    );
    if (got === 0) throw failure("read this process's token");
    return sidText(Deno.UnsafePointer.create(user[0]!));
  } finally {
    kernel32.CloseHandle(handle);
  }
}

function sidText(sid: Deno.PointerValue): string {
  using advapi32 = leaseAdvapi32();
  const text = new BigUint64Array(1);
  if (advapi32.symbols.ConvertSidToStringSidW(sid, text) === 0) throw failure("name this user");
  try {
    return readWideString(Deno.UnsafePointer.create(text[0]!));
  } finally {
    localFree(text);
  }
}

function readWideString(pointer: Deno.PointerValue): string {
  if (pointer === null) return "";
  const view = new Deno.UnsafePointerView(pointer);
  let text = "";
  for (let offset = 0;; offset += 2) {
    const unit = view.getUint16(offset);
    if (unit === 0) return text;
    text += String.fromCharCode(unit);
  }
}

function localFree(address: BigUint64Array): void {
  kernel32.LocalFree(Deno.UnsafePointer.create(address[0]!));
}

function failure(action: string): Error {
  return new Error(`Cannot ${action}: Windows error ${kernel32.GetLastError()}`);
}
