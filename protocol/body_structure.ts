import { ProtocolError } from "./errors.ts";
import { MAX_BODY_DEPTH, MAX_BODY_VALUES } from "./limits.ts";

interface Cursor {
  readonly view: DataView;
  position: number;
  values: number;
  hasBytes: boolean;
}

/**
 * Walks through a MessagePack body without building anything, and refuses what is not exactly one map
 * with string keys, within the limits on depth and number of values.
 *
 * It comes before decoding because a decoder allocates what a length field claims, before it sees that
 * the values are not there.
 *
 * @returns Whether the body holds byte strings, which a decoder returns as views of the body.
 * @throws {ProtocolError} `bad-body`.
 * @source https://github.com/msgpack/msgpack/blob/master/spec.md
 */
export function checkBodyStructure(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const cursor: Cursor = { view, position: 0, values: 0, hasBytes: false };
  if (!isMap(bytes[0])) throw bad("it is not a map");
  skipValue(cursor, 1);
  const rest = bytes.length - cursor.position;
  if (rest > 0) throw bad(`${rest} more bytes follow its map`);
  return cursor.hasBytes;
}

function skipValue(cursor: Cursor, depth: number): void {
  if (++cursor.values > MAX_BODY_VALUES) throw bad(`it has more than ${MAX_BODY_VALUES} values`);
  const type = readUint8(cursor);
  if (type < 0x80 || type >= 0xe0) return; // an integer of one byte
  if (type < 0x90) return skipMap(cursor, type & 0x0f, depth);
  if (type < 0xa0) return skipArray(cursor, type & 0x0f, depth);
  if (type < 0xc0) return skip(cursor, type & 0x1f); // a short string
  switch (type) {
    case 0xc0: // nil
    case 0xc2: // false
    case 0xc3: // true
      return;
    case 0xcc: // integers
    case 0xd0:
      return skip(cursor, 1);
    case 0xcd:
    case 0xd1:
      return skip(cursor, 2);
    case 0xce:
    case 0xd2:
    case 0xca: // float 32
      return skip(cursor, 4);
    case 0xcf:
    case 0xd3:
    case 0xcb: // float 64
      return skip(cursor, 8);
    case 0xc4: // byte strings
      return skipBytes(cursor, readUint8(cursor));
    case 0xc5:
      return skipBytes(cursor, readUint16(cursor));
    case 0xc6:
      return skipBytes(cursor, readUint32(cursor));
    case 0xd9: // strings
      return skip(cursor, readUint8(cursor));
    case 0xda:
      return skip(cursor, readUint16(cursor));
    case 0xdb:
      return skip(cursor, readUint32(cursor));
    case 0xdc: // arrays
      return skipArray(cursor, readUint16(cursor), depth);
    case 0xdd:
      return skipArray(cursor, readUint32(cursor), depth);
    case 0xde: // maps
      return skipMap(cursor, readUint16(cursor), depth);
    case 0xdf:
      return skipMap(cursor, readUint32(cursor), depth);
    default: // extension types and 0xc1
      throw bad(`it has a value of type 0x${type.toString(16)}, which is not used`);
  }
}

function skipMap(cursor: Cursor, pairs: number, depth: number): void {
  if (pairs > 0) checkDepth(depth);
  for (let i = 0; i < pairs; i++) {
    if (!isString(cursor.view.getUint8(checked(cursor, 1)))) throw bad("a map key is not a string");
    skipValue(cursor, depth + 1);
    skipValue(cursor, depth + 1);
  }
}

function skipArray(cursor: Cursor, length: number, depth: number): void {
  if (length > 0) checkDepth(depth);
  for (let i = 0; i < length; i++) skipValue(cursor, depth + 1);
}

function checkDepth(depth: number): void {
  if (depth > MAX_BODY_DEPTH) throw bad(`it nests deeper than ${MAX_BODY_DEPTH}`);
}

function skipBytes(cursor: Cursor, length: number): void {
  cursor.hasBytes = true;
  skip(cursor, length);
}

function skip(cursor: Cursor, length: number): void {
  checked(cursor, length);
  cursor.position += length;
}

function readUint8(cursor: Cursor): number {
  const value = cursor.view.getUint8(checked(cursor, 1));
  cursor.position += 1;
  return value;
}

function readUint16(cursor: Cursor): number {
  const value = cursor.view.getUint16(checked(cursor, 2));
  cursor.position += 2;
  return value;
}

function readUint32(cursor: Cursor): number {
  const value = cursor.view.getUint32(checked(cursor, 4));
  cursor.position += 4;
  return value;
}

/** The position, where `length` bytes are. */
function checked(cursor: Cursor, length: number): number {
  if (cursor.position + length > cursor.view.byteLength) {
    throw bad("it ends in the middle of a value");
  }
  return cursor.position;
}

function isMap(type: number | undefined): boolean {
  if (type === undefined) return false;
  return (type >= 0x80 && type < 0x90) || type === 0xde || type === 0xdf;
}

function isString(type: number): boolean {
  return (type >= 0xa0 && type < 0xc0) || (type >= 0xd9 && type <= 0xdb);
}

function bad(why: string): ProtocolError {
  return new ProtocolError("bad-body", `Message body cannot be read: ${why}`);
}
