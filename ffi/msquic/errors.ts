import { CodedError, CodedErrorOf } from "../../base/mod.ts";
import { Status, type StatusName, statusName, tlsAlert } from "./abi/mod.ts";
import { transportReason } from "./transport_reason.ts";

/** Thrown when a call into MsQuic fails. */
export class MsQuicError extends CodedError {
  readonly code = "msquic";
  /** The `QUIC_STATUS` that the call returned. */
  readonly status: number;
  /** What was attempted, in MsQuic's own words: "ListenerStart". */
  readonly operation: string;

  /**
   * @param about `handle`: on which, as in MsQuic's traces, `[conn][12]`; `detail`: what else there is
   * to know.
   */
  constructor(
    operation: string,
    status: number,
    { handle, detail }: { handle?: string; detail?: string | undefined } = {},
  ) {
    const call = handle === undefined ? operation : `${handle} ${operation}`;
    super(`${call} failed with ${statusName(status)}${detail ? `: ${detail}` : ""}`);
    this.operation = operation;
    this.status = status;
  }
}

/** Whether MsQuic could not have a port, since somebody has it. */
export function isAddressInUse(error: unknown): boolean {
  return error instanceof MsQuicError && error.status === Status.ADDRESS_IN_USE;
}

/** Thrown when the libmsquic that was found is too old. */
export class LibraryVersionError extends CodedError {
  readonly code = "msquic-too-old";
}

/** Thrown when a file that should be libmsquic cannot be loaded. */
export class LibraryLoadError extends CodedError {
  readonly code = "msquic-not-loadable";
}

/** What kept a connection from being made. */
export type ConnectErrorCode =
  | "connect-failed"
  | "connect-timeout"
  | "connection-refused"
  | "alpn-mismatch"
  | "wrong-fingerprint"
  | "bad-certificate"
  | "unreachable";

/** Thrown when a connection cannot be made. */
export class ConnectError extends CodedErrorOf<ConnectErrorCode> {
  /** The `QUIC_STATUS` that ended the attempt. */
  readonly status: number;

  constructor(code: ConnectErrorCode, status: number, message: string) {
    super(code, message);
    this.status = status;
  }
}

/** Thrown by what needs a connection that has ended. */
export class ConnectionEndedError extends CodedError {
  readonly code = "connection-ended";
}

/** Thrown by reads and sends on a stream that one side has reset (RFC 9000 section 3). */
export class StreamAbortedError extends CodedError {
  readonly code = "stream-aborted";
  /** The application error code that came with it. */
  readonly errorCode: number;

  constructor(message: string, errorCode: number) {
    super(message);
    this.errorCode = errorCode;
  }
}

/** The error for a stream that the peer has reset, or no longer reads. */
export function abortedByPeer(what: string, code: bigint): StreamAbortedError {
  return new StreamAbortedError(`Stream ${what} by the peer with code ${code}`, Number(code));
}

const CONNECT_ERRORS: readonly (readonly [ConnectErrorCode, string, readonly StatusName[]])[] = [
  ["connection-refused", "the server refused the connection", ["CONNECTION_REFUSED"]],
  ["unreachable", "nothing listens there", ["UNREACHABLE"]],
  ["connect-timeout", "no answer in time", ["CONNECTION_TIMEOUT", "CONNECTION_IDLE"]],
  ["alpn-mismatch", "it does not speak this protocol (ALPN)", ["ALPN_NEG_FAILURE"]],
  ["bad-certificate", "its certificate is not trusted", [
    "BAD_CERTIFICATE",
    "UNKNOWN_CERTIFICATE",
    "EXPIRED_CERTIFICATE",
    "REVOKED_CERTIFICATE",
    "UNSUPPORTED_CERTIFICATE",
    "CERT_EXPIRED",
    "CERT_UNTRUSTED_ROOT",
    "CERT_NO_CERT",
  ]],
];

const NO_APPLICATION_PROTOCOL = 120;
const UNKNOWN_CA = 48;

/** The error for an attempt to connect to `server` that ended with `status`. */
export function connectError(server: string, status: number): ConnectError {
  const alert = tlsAlert(status);
  const known = CONNECT_ERRORS.find(([code, , names]) =>
    names.some((name) => Status[name] === status) ||
    (code === "alpn-mismatch" && alert === NO_APPLICATION_PROTOCOL) ||
    (code === "bad-certificate" && alert === UNKNOWN_CA)
  );
  const [code, reason] = known ?? ["connect-failed", transportReason(status)];
  return new ConnectError(code, status, `Cannot connect to ${server}: ${reason}`);
}
