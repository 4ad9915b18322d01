import { type ErrorBody, wireErrorOf } from "./errors.ts";
import { Flags } from "./flags.ts";
import type { Allocate } from "./allocate.ts";
import { encodeMessage } from "./message.ts";

/**
 * Encodes the answer to a request.
 *
 * @param type The request's type.
 * @param flags More flags: {@linkcode Flags}`.data` if raw bytes follow.
 * @param allocate Where the memory comes from.
 * @throws {ProtocolError} `body-too-large`.
 */
export function encodeAnswer(
  type: number,
  body: unknown,
  flags = 0,
  allocate?: Allocate,
): Uint8Array {
  return encodeMessage({ type, flags: flags | Flags.response, body }, allocate);
}

/** Encodes the answer that a request failed; see {@linkcode wireErrorOf} for what the peer is told. */
export function encodeErrorAnswer(type: number, error: unknown): Uint8Array {
  const body: ErrorBody = wireErrorOf(error);
  return encodeMessage({ type, flags: Flags.response | Flags.error, body });
}
