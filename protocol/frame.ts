import { ProtocolError } from "./errors.ts";
import { Flags } from "./flags.ts";
import { MAX_BODY_LENGTH, PROTOCOL_VERSION } from "./limits.ts";

const KNOWN_FLAGS = Flags.response | Flags.error | Flags.data;

/** What a frame header says. */
export interface FrameHeader {
  /** Message type, 0 to 65535. */
  type: number;
  /** Bits of {@linkcode Flags}. */
  flags: number;
  /** Bytes of the body that follows. */
  bodyLength: number;
}

/**
 * Writes a frame header to the first 8 bytes of `target`.
 *
 * @throws {ProtocolError} `body-too-large`, or `bad-frame` for flags that do not go together.
 * @throws {RangeError} The type is not an unsigned 16-bit integer.
 */
export function encodeFrameHeader(header: FrameHeader, target: Uint8Array): void {
  const { type, flags, bodyLength } = header;
  if (!Number.isInteger(type) || type < 0 || type > 0xffff) {
    throw new RangeError(`Cannot send message type ${type}: it is not between 0 and 65535`);
  }
  checkFlags(flags);
  checkLength(bodyLength);
  target[0] = PROTOCOL_VERSION;
  target[1] = flags;
  target[2] = type >>> 8;
  target[3] = type;
  target[4] = bodyLength >>> 24;
  target[5] = bodyLength >>> 16;
  target[6] = bodyLength >>> 8;
  target[7] = bodyLength;
}

/**
 * Reads the frame header at `offset`, where at least 8 bytes are.
 *
 * @throws {ProtocolError} `bad-version`, `bad-frame` for flags that are unknown or do not go together,
 * `body-too-large`.
 */
export function decodeFrameHeader(bytes: Uint8Array, offset = 0): FrameHeader {
  const version = bytes[offset];
  if (version !== PROTOCOL_VERSION) {
    throw new ProtocolError(
      "bad-version",
      `Frame has protocol version ${version}; only ${PROTOCOL_VERSION} is understood`,
    );
  }
  const flags = at(bytes, offset + 1);
  checkFlags(flags);
  const type = at(bytes, offset + 2) << 8 | at(bytes, offset + 3);
  const bodyLength = (at(bytes, offset + 4) << 24 | at(bytes, offset + 5) << 16 |
    at(bytes, offset + 6) << 8 | at(bytes, offset + 7)) >>> 0;
  checkLength(bodyLength);
  return { type, flags, bodyLength };
}

function at(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}

function checkFlags(flags: number): void {
  if ((flags & ~KNOWN_FLAGS) !== 0) {
    throw new ProtocolError("bad-frame", `Frame has unknown flags: 0x${flags.toString(16)}`);
  }
  if ((flags & Flags.error) === 0) return;
  if ((flags & Flags.response) === 0 || (flags & Flags.data) !== 0) {
    throw new ProtocolError("bad-frame", "Frame has the error flag on what is no error answer");
  }
}

function checkLength(length: number): void {
  if (length > MAX_BODY_LENGTH) {
    throw new ProtocolError(
      "body-too-large",
      `Message body has ${length} bytes; at most ${MAX_BODY_LENGTH} are allowed`,
    );
  }
}
