/**
 * `QUIC_STATUS`: errno values and a range of its own on Linux (msquic_posix.h), HRESULTs on Windows
 * (msquic_winuser.h). All are held as unsigned 32-bit numbers, as Deno returns a `u32`.
 */

/** The systems whose status values are known. */
export type StatusPlatform = "linux" | "windows";

/** The name of a status, without its prefix `QUIC_STATUS_`. */
export type StatusName = keyof typeof linux;

const linux = {
  SUCCESS: 0,
  PENDING: 0xfffffffe,
  CONTINUE: 0xffffffff,
  OUT_OF_MEMORY: 12,
  INVALID_PARAMETER: 22,
  INVALID_STATE: 1,
  NOT_SUPPORTED: 95,
  NOT_FOUND: 2,
  FILE_NOT_FOUND: 2,
  BUFFER_TOO_SMALL: 75,
  HANDSHAKE_FAILURE: 103,
  ABORTED: 125,
  ADDRESS_IN_USE: 98,
  INVALID_ADDRESS: 97,
  ADDRESS_NOT_AVAILABLE: 99,
  CONNECTION_TIMEOUT: 110,
  CONNECTION_IDLE: 62,
  INTERNAL_ERROR: 5,
  CONNECTION_REFUSED: 111,
  PROTOCOL_ERROR: 71,
  VER_NEG_ERROR: 93,
  UNREACHABLE: 113,
  TLS_ERROR: 126,
  USER_CANCELED: 130,
  ALPN_NEG_FAILURE: 92,
  STREAM_LIMIT_REACHED: 86,
  ALPN_IN_USE: 91,
  CLOSE_NOTIFY: 0xbebc300,
  BAD_CERTIFICATE: 0xbebc32a,
  UNSUPPORTED_CERTIFICATE: 0xbebc32b,
  REVOKED_CERTIFICATE: 0xbebc32c,
  EXPIRED_CERTIFICATE: 0xbebc32d,
  UNKNOWN_CERTIFICATE: 0xbebc32e,
  REQUIRED_CERTIFICATE: 0xbebc374,
  CERT_EXPIRED: 0xbebc401,
  CERT_UNTRUSTED_ROOT: 0xbebc402,
  CERT_NO_CERT: 0xbebc403,
} as const;

const windows = {
  SUCCESS: 0,
  PENDING: 0x000703e5,
  CONTINUE: 0x000704de,
  OUT_OF_MEMORY: 0x8007000e,
  INVALID_PARAMETER: 0x80070057,
  INVALID_STATE: 0x8007139f,
  NOT_SUPPORTED: 0x80004002,
  NOT_FOUND: 0x80070490,
  FILE_NOT_FOUND: 0x80070002,
  BUFFER_TOO_SMALL: 0x8007007a,
  HANDSHAKE_FAILURE: 0x80410000,
  ABORTED: 0x80004004,
  ADDRESS_IN_USE: 0x80072740,
  INVALID_ADDRESS: 0x80072741,
  ADDRESS_NOT_AVAILABLE: 0x80072741, // Windows has one status for both
  CONNECTION_TIMEOUT: 0x80410006,
  CONNECTION_IDLE: 0x80410005,
  INTERNAL_ERROR: 0x80410003,
  CONNECTION_REFUSED: 0x800704c9,
  PROTOCOL_ERROR: 0x80410004,
  VER_NEG_ERROR: 0x80410001,
  UNREACHABLE: 0x800704d0,
  TLS_ERROR: 0x80072b18,
  USER_CANCELED: 0x80410002,
  ALPN_NEG_FAILURE: 0x80410007,
  STREAM_LIMIT_REACHED: 0x80410008,
  ALPN_IN_USE: 0x80410009,
  CLOSE_NOTIFY: 0x80410100,
  BAD_CERTIFICATE: 0x8041012a,
  UNSUPPORTED_CERTIFICATE: 0x8041012b,
  REVOKED_CERTIFICATE: 0x8041012c,
  EXPIRED_CERTIFICATE: 0x8041012d,
  UNKNOWN_CERTIFICATE: 0x8041012e,
  REQUIRED_CERTIFICATE: 0x80410174,
  CERT_EXPIRED: 0x800b0101,
  CERT_UNTRUSTED_ROOT: 0x800b0109,
  CERT_NO_CERT: 0x8009030e,
} as const;

/** The status values of each system. */
export const STATUSES: Readonly<
  Record<StatusPlatform, Readonly<Record<StatusName, number>>>
> = { linux, windows };

const TLS_ALERT_BASE = { linux: 0xbebc300, windows: 0x80410100 } as const;

const HERE: StatusPlatform = Deno.build.os === "windows" ? "windows" : "linux";

/** The status values of the system this runs on. */
export const Status: Readonly<Record<StatusName, number>> = STATUSES[HERE];

/** Whether `status` is an error; PENDING and CONTINUE are not. */
export function failed(status: number, platform: StatusPlatform = HERE): boolean {
  return platform === "windows" ? (status | 0) < 0 : (status | 0) > 0;
}

/** The TLS alert (RFC 8446 section 6) that `status` stands for, or `undefined` for another status. */
export function tlsAlert(
  status: number,
  platform: StatusPlatform = HERE,
): number | undefined {
  const alert = (status >>> 0) - TLS_ALERT_BASE[platform];
  return alert >= 0 && alert <= 0xff ? alert : undefined;
}

/**
 * MsQuic's name of `status`, for messages and logs: `QUIC_STATUS_CONNECTION_REFUSED`,
 * `QUIC_STATUS_TLS_ALERT(40)`, or the number in hexadecimal where there is no name.
 */
export function statusName(
  status: number,
  platform: StatusPlatform = HERE,
): string {
  const value = status >>> 0;
  for (const [name, known] of Object.entries(STATUSES[platform])) {
    if (known === value) return `QUIC_STATUS_${name}`;
  }
  const alert = tlsAlert(value, platform);
  return alert === undefined ? `0x${value.toString(16)}` : `QUIC_STATUS_TLS_ALERT(${alert})`;
}
