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

/**
 * What may be the reason where nobody answers. The size is that of the IP packets that MsQuic begins with
 * (`QUIC_DPLPMTUD_MIN_MTU`).
 */
export const NO_ANSWER_ADVICE =
  "look at host and port; a firewall may keep back UDP, or the path, " +
  "as some VPNs do, packets of 1,248 bytes";

/** With `CLOCK` where the time is put in. */
const CONNECT_ERRORS: readonly (readonly [ConnectErrorCode, string, readonly StatusName[]])[] = [
  ["connection-refused", "the server refused the connection", ["CONNECTION_REFUSED"]],
  ["unreachable", "nothing listens there; look at the port, and whether the server runs", [
    "UNREACHABLE",
  ]],
  ["connect-timeout", `no answer in time; ${NO_ANSWER_ADVICE}`, [
    "CONNECTION_TIMEOUT",
    "CONNECTION_IDLE",
  ]],
  [
    "alpn-mismatch",
    "a QUIC server is there, but it does not speak this protocol (ALPN); look at the port",
    ["ALPN_NEG_FAILURE"],
  ],
  ["bad-certificate", "its certificate has expired, or the clock is wrong here: CLOCK", [
    "EXPIRED_CERTIFICATE",
    "CERT_EXPIRED",
  ]],
  // So OpenSSL words what begins in the future.
  [
    "bad-certificate",
    "its certificate is not valid yet, or not at all, or the clock is wrong here: CLOCK",
    [
      "BAD_CERTIFICATE",
    ],
  ],
  [
    "bad-certificate",
    "its certificate is not trusted: none of the given authorities has signed it",
    ["UNKNOWN_CERTIFICATE", "CERT_UNTRUSTED_ROOT"],
  ],
  ["bad-certificate", "its certificate is not trusted", [
    "REVOKED_CERTIFICATE",
    "UNSUPPORTED_CERTIFICATE",
    "CERT_NO_CERT",
  ]],
];

/** What also says the same (RFC 8446 section 6). */
const ALERTS: Partial<Record<StatusName, number>> = {
  ALPN_NEG_FAILURE: 120, // no_application_protocol
  UNKNOWN_CERTIFICATE: 48, // unknown_ca
};

/** The error for an attempt to connect to `server` that ended with `status`. */
export function connectError(server: string, status: number): ConnectError {
  const known = CONNECT_ERRORS.find(([, , names]) =>
    names.some((name) => Status[name] === status || saysAlert(name, status))
  );
  const [code, reason] = known ?? ["connect-failed", transportReason(status)];
  const why = reason.replace("CLOCK", () => new Date().toISOString());
  return new ConnectError(code, status, `Cannot connect to ${server}: ${why}`);
}

function saysAlert(name: StatusName, status: number): boolean {
  return ALERTS[name] !== undefined && ALERTS[name] === tlsAlert(status);
}
