/**
 * Who is let in by a Windows security descriptor. Pure: reads the bytes of a self-relative
 * `SECURITY_DESCRIPTOR` (MS-DTYP 2.4.6).
 */

const SE_DACL_PRESENT = 0x4;
const DESCRIPTOR_SIZE = 20;
const OWNER_OFFSET = 4;
const DACL_OFFSET = 16;
const ACL_HEADER_SIZE = 8;
const SID_IN_ACE = 8;
const ACCESS_ALLOWED_ACE = 0;
const ACCESS_DENIED_ACE = 1;

/** SYSTEM and the administrators, who can get at everything anyway (MS-DTYP 2.4.2.4). */
const ALWAYS_IN = ["S-1-5-18", "S-1-5-32-544"];
/** Whoever makes a thing, and whoever owns it: as good as the owner is. */
const OWNERS = ["S-1-3-0", "S-1-3-4"];

/** Who owns something, and who is let in by its access list. */
export interface AccessList {
  /** SID of the owner; empty if there is none. */
  readonly owner: string;
  /** SIDs that are granted something; `undefined` if there is no list, and so everybody is. */
  readonly granted: readonly string[] | undefined;
}

/**
 * Reads a security descriptor.
 *
 * @throws {RangeError} If it is cut off, or has an entry that is neither a plain grant nor a denial.
 */
export function parseAccessList(bytes: Uint8Array): AccessList {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < DESCRIPTOR_SIZE) throw new RangeError("A security descriptor is cut off");
  const ownerAt = view.getUint32(OWNER_OFFSET, true);
  const daclAt = view.getUint32(DACL_OFFSET, true);
  const owner = ownerAt === 0 ? "" : sidAt(view, ownerAt);
  const present = (view.getUint16(2, true) & SE_DACL_PRESENT) !== 0 && daclAt !== 0;
  return { owner, granted: present ? grantsAt(view, daclAt) : undefined };
}

/** The SIDs other than `user`, SYSTEM and the administrators that own it or are let in by it. */
export function strangers({ owner, granted }: AccessList, user: string): string[] {
  const known = [user, ...ALWAYS_IN];
  const others = (granted ?? ["S-1-1-0"]).filter((sid) => ![...known, ...OWNERS].includes(sid));
  return [...new Set(known.includes(owner) ? others : [owner, ...others])];
}

function grantsAt(view: DataView, start: number): string[] {
  const granted: string[] = [];
  const count = view.getUint16(start + 4, true);
  let at = start + ACL_HEADER_SIZE;
  for (let i = 0; i < count; i++) {
    const type = view.getUint8(at);
    const mask = view.getUint32(at + 4, true);
    if (type === ACCESS_ALLOWED_ACE) {
      if (mask !== 0) granted.push(sidAt(view, at + SID_IN_ACE));
    } else if (type !== ACCESS_DENIED_ACE) {
      throw new RangeError(`An access list has an entry of type ${type}`);
    }
    at += view.getUint16(at + 2, true);
  }
  return granted;
}

function sidAt(view: DataView, at: number): string {
  const parts = Array.from(
    { length: view.getUint8(at + 1) },
    (_, i) => view.getUint32(at + 8 + 4 * i, true),
  );
  const authority = view.getUint16(at + 2) * 2 ** 32 + view.getUint32(at + 4);
  return ["S", view.getUint8(at), authority, ...parts].join("-");
}
