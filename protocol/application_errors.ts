/**
 * Error codes in QUIC's RESET_STREAM, STOP_SENDING and CONNECTION_CLOSE frames
 * (RFC 9000 section 20.2).
 */
export const ApplicationError = {
  /** Nothing is wrong. */
  none: 0,
  /** The sender failed. */
  internal: 1,
  /** The peer did not keep to the protocol. */
  protocol: 2,
  /** The peer did not say a valid token. */
  unauthenticated: 3,
  /** The sender is going away; another server, or this one later, may serve. */
  shuttingDown: 4,
  /** The sender no longer wants what it asked for. */
  cancelled: 5,
  /** The sender does not take the request or the connection now. */
  refused: 6,
} as const;

/** One of the error codes of {@linkcode ApplicationError}. */
export type ApplicationError = typeof ApplicationError[keyof typeof ApplicationError];
