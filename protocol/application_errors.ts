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
  /**
   * The sender cannot go on with the upload, and will not: its file became shorter, say, or cannot be read.
   *
   * A client resets the stream of `file.put` with it whenever the reason is its own source and trying again
   * would be another upload. The server then keeps nothing of it, also if it has a `part`. Whoever may come
   * back, because the user has stopped it for instance, uses {@linkcode ApplicationError.cancelled}.
   * `sendFile` uses it by itself when its file fails; what fails before, such as hashing what the server
   * has already, is for the caller to reset with it. (Older servers take it for an interruption.)
   */
  abandoned: 7,
  /** What had let the peer in does so no more: its token was revoked or replaced, or has expired. */
  revoked: 8,
  /** The sender has ended the session, and the peer is not to come back by itself; see `farewell`. */
  ended: 9,
  /** The sender's operator has cancelled the transfer; it is not to be begun again by itself. */
  withdrawn: 10,
  /** The sender's file has other bytes than were stored, and is not to be had as it was. */
  damaged: 11,
} as const;

/** One of the error codes of {@linkcode ApplicationError}. */
export type ApplicationError = typeof ApplicationError[keyof typeof ApplicationError];
