import assert from "node:assert/strict";
import { parseAccessList, strangers } from "../../../ffi/access/access_list.ts";

const ME = "S-1-5-21-1-2-3-1001";
const SYSTEM = "S-1-5-18";
const ADMINISTRATORS = "S-1-5-32-544";
const EVERYONE = "S-1-1-0";

interface Entry {
  sid: string;
  type?: number;
  mask?: number;
}

function sidBytes(sid: string): number[] {
  const [revision, authority, ...parts] = sid.split("-").slice(1).map(Number);
  const words = parts.flatMap((part) => [part, part >>> 8, part >>> 16, part >>> 24]);
  return [revision!, parts.length, 0, 0, 0, 0, 0, authority!, ...words.map((byte) => byte & 0xff)];
}

/** A self-relative descriptor; without `entries` it has no list. */
function descriptor(owner: string, entries?: readonly Entry[]): Uint8Array {
  const ownerSid = sidBytes(owner);
  const aces = (entries ?? []).flatMap(({ sid, type = 0, mask = 0x1F }) => {
    const bytes = sidBytes(sid);
    return [type, 0, 8 + bytes.length, 0, mask, 0, 0, 0, ...bytes];
  });
  const acl = [2, 0, 8 + aces.length, 0, entries?.length ?? 0, 0, 0, 0, ...aces];
  const dacl = entries ? 20 + ownerSid.length : 0;
  const control = entries ? 0x04 : 0;
  const words = [20, 0, 0, dacl].flatMap((offset) => [offset, 0, 0, 0]);
  return new Uint8Array([1, 0, control, 0x80, ...words, ...ownerSid, ...acl]);
}

Deno.test("parseAccessList() tells the owner and who is granted something", () => {
  const entries = [{ sid: ME }, { sid: EVERYONE, type: 1 }, { sid: SYSTEM, mask: 0 }];
  assert.deepEqual(parseAccessList(descriptor(ME, entries)), { owner: ME, granted: [ME] });
  assert.deepEqual(parseAccessList(descriptor(ME, [])), { owner: ME, granted: [] });
  assert.deepEqual(parseAccessList(descriptor(ME)), { owner: ME, granted: undefined });
});

Deno.test("parseAccessList() refuses what it does not know and what is cut off", () => {
  const whole = descriptor(ME, [{ sid: EVERYONE, type: 9 }]);
  assert.throws(() => parseAccessList(whole), RangeError);
  for (let length = 0; length < 40; length++) {
    assert.throws(() => parseAccessList(whole.subarray(0, length)), RangeError);
  }
});

Deno.test("strangers() leaves out the user, the system and the administrators", () => {
  const known = [{ sid: ME }, { sid: SYSTEM }, { sid: ADMINISTRATORS }, { sid: "S-1-3-0" }];
  assert.deepEqual(strangers(parseAccessList(descriptor(ADMINISTRATORS, known)), ME), []);
  const open = [...known, { sid: EVERYONE }, { sid: EVERYONE }];
  assert.deepEqual(strangers(parseAccessList(descriptor(ME, open)), ME), [EVERYONE]);
  assert.deepEqual(strangers(parseAccessList(descriptor(ME)), ME), [EVERYONE]);
  const other = "S-1-5-21-1-2-3-1002";
  assert.deepEqual(strangers(parseAccessList(descriptor(other, known)), ME), [other]);
});
