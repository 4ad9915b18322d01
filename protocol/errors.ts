import { CodedError, CodedErrorOf } from "../base/mod.ts";
import { isWireErrorCode, WIRE_ERRORS, type WireErrorCode } from "./wire_errors.ts";

/** What was received, or was about to be sent, breaks the protocol; the peer is shown the message. */
export class ProtocolError extends CodedErrorOf<WireErrorCode> {}

/** A name cannot be a file's name; see {@linkcode parseFileName}. */
export class InvalidNameError extends CodedError {
  readonly code = "invalid-name";
}

/** The peer answered with an error, of a {@linkcode WireErrorCode} or one that only the peer knows. */
export class RemoteError extends CodedErrorOf<string> {
  /**
   * The error in the body of an error answer.
   *
   * @throws {ProtocolError} The body is not `{code, message}`.
   */
  static from(body: unknown): RemoteError {
    const { code, message } = Object(body) as Record<string, unknown>;
    if (
      typeof code !== "string" || !/^[a-z0-9-]{1,64}$/.test(code) || typeof message !== "string"
    ) {
      throw new ProtocolError("bad-body", "Error answer has no valid code and message");
    }
    // Not by its name: bundled, a class that names itself is called something else.
    return new this(code, printable(message));
  }
}

/** The body of an error answer. */
export interface ErrorBody {
  code: WireErrorCode;
  /** For people. */
  message: string;
}

/**
 * What a peer is told of an error.
 *
 * A {@linkcode ProtocolError} and an {@linkcode InvalidNameError} are told as they are. Of other
 * errors only the code is told, if it is one of the protocol's, with the code's own text; everything
 * else is `internal`. So no path, and nothing unforeseen, gets out.
 */
export function wireErrorOf(error: unknown): ErrorBody {
  if (error instanceof ProtocolError || error instanceof InvalidNameError) {
    return { code: error.code, message: error.message };
  }
  const code = error instanceof Error && "code" in error && isWireErrorCode(error.code)
    ? error.code
    : "internal";
  return { code, message: WIRE_ERRORS[code] };
}

/** What a peer wrote ends up on a terminal: no control characters, and not endless. */
function printable(text: string): string {
  return text.slice(0, 1000).replace(/\p{Cc}+/gu, " ");
}
