import { CodedError, CodedErrorOf } from "../base/mod.ts";
import { isWireErrorCode, WIRE_ERRORS, type WireErrorCode } from "./wire_errors.ts";

/** The longest time that a client may be told to wait, in milliseconds: a day. */
const MAX_RETRY_AFTER_MS = 24 * 60 * 60 * 1000;

/** What may be said of an error besides. */
export interface RefusalOptions extends ErrorOptions {
  /** After how many milliseconds the same may be tried again, with a chance. */
  retryAfterMs?: number | undefined;
  /** How many bytes there would have to be more of, where there is too little room. */
  missingBytes?: number | undefined;
}

/** What was received, or was about to be sent, breaks the protocol; the peer is shown the message. */
export class ProtocolError extends CodedErrorOf<WireErrorCode> {
  /** After how many milliseconds the same may be tried again, with a chance. */
  readonly retryAfterMs: number | undefined;
  /** How many bytes are missing, where there is too little room. */
  readonly missingBytes: number | undefined;

  constructor(code: WireErrorCode, message: string, options: RefusalOptions = {}) {
    const { retryAfterMs, missingBytes, ...others } = options;
    super(code, message, others);
    this.retryAfterMs = retryAfterMs;
    this.missingBytes = missingBytes;
  }
}

/** A name cannot be a file's name; see {@linkcode parseFileName}. */
export class InvalidNameError extends CodedError {
  readonly code = "invalid-name";
  /** Whether the file can have another name instead, which tells its own; see `encodeFileName`. */
  readonly encodable: boolean;

  constructor(message: string, encodable = false) {
    super(message);
    this.encodable = encodable;
  }
}

/** The peer answered with an error, of a {@linkcode WireErrorCode} or one that only the peer knows. */
export class RemoteError extends CodedErrorOf<string> {
  /** After how many milliseconds the same may be tried again, with a chance; where the peer says so. */
  readonly retryAfterMs: number | undefined;
  /** How many bytes are missing, where there is too little room, and the peer says so. */
  readonly missingBytes: number | undefined;

  constructor(code: string, message: string, options: RefusalOptions = {}) {
    const { retryAfterMs, missingBytes, ...others } = options;
    super(code, message, others);
    this.retryAfterMs = retryAfterMs;
    this.missingBytes = missingBytes;
  }

  /**
   * The error in the body of an error answer.
   *
   * @throws {ProtocolError} The body is not `{code, message, retryAfterMs?, missingBytes?}`.
   */
  static from(body: unknown): RemoteError {
    const fields = Object(body) as Record<string, unknown>;
    const { code, message } = fields;
    const retryAfterMs = fields.retryAfterMs ?? undefined;
    const missingBytes = fields.missingBytes ?? undefined;
    if (
      typeof code !== "string" || !/^[a-z0-9-]{1,64}$/.test(code) ||
      typeof message !== "string" || !isWait(retryAfterMs) || !isCount(missingBytes)
    ) {
      throw new ProtocolError("bad-body", "Error answer has no valid code and message");
    }
    // Not by its name: bundled, a class that names itself is called something else.
    return new this(code, printable(message), { retryAfterMs, missingBytes });
  }
}

/** The body of an error answer. */
export interface ErrorBody {
  code: WireErrorCode;
  /** For people. */
  message: string;
  /** After how many milliseconds the same may be tried again, with a chance. */
  retryAfterMs?: number;
  /** How many bytes are missing, where there is too little room. */
  missingBytes?: number;
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
    const { code, message } = error;
    const { retryAfterMs, missingBytes }: RefusalOptions = error instanceof ProtocolError
      ? error
      : {};
    return {
      ...{ code, message },
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(missingBytes === undefined ? {} : { missingBytes }),
    };
  }
  const code = error instanceof Error && "code" in error && isWireErrorCode(error.code)
    ? error.code
    : "internal";
  return { code, message: WIRE_ERRORS[code] };
}

function isWait(value: unknown): value is number | undefined {
  if (value === undefined) return true;
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_RETRY_AFTER_MS;
}

function isCount(value: unknown): value is number | undefined {
  return value === undefined || Number.isSafeInteger(value) && Number(value) >= 0;
}

/** What a peer wrote ends up on a terminal: no control characters, and not endless. */
function printable(text: string): string {
  return text.slice(0, 1000).replace(/\p{Cc}+/gu, " ");
}
