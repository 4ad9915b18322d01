import { Decoder, Encoder } from "@msgpack/msgpack";
import { checkBodyStructure } from "./body_structure.ts";
import { ProtocolError } from "./errors.ts";
import { MAX_BODY_DEPTH } from "./limits.ts";
import { type Allocate, newMemory } from "./allocate.ts";

/** MessagePack's extension types are not used: every peer would have to know them. */
const NO_EXTENSIONS = { tryToEncode: refuseForeign, decode: refuseExtension };

const encoder = new Encoder({
  extensionCodec: NO_EXTENSIONS,
  ignoreUndefined: true,
  maxDepth: MAX_BODY_DEPTH + 1, // scalars count as a level there
});

const decoder = new Decoder({ extensionCodec: NO_EXTENSIONS });

/**
 * Encodes a body: a plain object of strings, numbers, booleans, `null`, arrays, byte arrays, and plain
 * objects. Properties that are `undefined` are left out.
 *
 * @returns A view that is valid until the next call.
 * @throws {TypeError} It is not a plain object, or holds something else.
 */
export function encodeBody(body: unknown): Uint8Array {
  if (!isPlainObject(body)) throw new TypeError("Cannot send a message body that is not an object");
  return encoder.encodeSharedRef(body);
}

/**
 * Decodes a body.
 *
 * @param bytes Borrowed: what is returned does not refer to them.
 * @param allocate Where the memory for byte arrays comes from.
 * @throws {ProtocolError} `bad-body`.
 */
export function decodeBody(
  bytes: Uint8Array,
  allocate: Allocate = newMemory,
): Record<string, unknown> {
  const hasBytes = checkBodyStructure(bytes);
  try {
    return decoder.decode(hasBytes ? copy(bytes, allocate) : bytes) as Record<string, unknown>;
  } catch (cause) {
    throw new ProtocolError("bad-body", "Message body cannot be read: it is not MessagePack", {
      cause,
    });
  }
}

function copy(bytes: Uint8Array, allocate: Allocate): Uint8Array {
  const memory = allocate(bytes.length);
  memory.set(bytes);
  return memory;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function refuseForeign(value: unknown): null {
  if (isPlainObject(value) || Array.isArray(value) || value instanceof Uint8Array) return null;
  throw new TypeError(`Cannot send ${Object.prototype.toString.call(value)} in a message body`);
}

function refuseExtension(): never {
  throw new TypeError("Extension types are not used");
}
