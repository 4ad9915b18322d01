import { CodedError, counted } from "../base/mod.ts";

/** A server's address cannot be understood. */
export class AddressError extends CodedError {
  readonly code = "invalid-address";
}

/** A host name leads to no address. */
export class NameResolutionError extends CodedError {
  readonly code = "name-not-resolved";
}

/** A certificate fingerprint is not 64 hexadecimal digits. */
export class FingerprintError extends CodedError {
  readonly code = "invalid-fingerprint";
}

/** None of several servers could be reached; `cause` lists every attempt's error. */
export class NoServerError extends CodedError {
  readonly code = "connect-failed";
  override readonly cause: readonly unknown[];

  constructor(message: string, causes: readonly unknown[]) {
    super(message);
    this.cause = causes;
  }
}

/** A connection attempt, greeting included, took longer than allowed. */
export class ConnectTimeoutError extends CodedError {
  readonly code = "connect-timeout";
}

/**
 * A request is lost with its connection, and is not repeated: the server may have processed it.
 * `cause` says how the connection ended.
 */
export class RequestLostError extends CodedError {
  readonly code = "request-lost";

  constructor(server: string, cause: unknown) {
    super(
      `Request to ${server} is lost with the connection; whether it was processed is not known, ` +
        "so it is not repeated: find out, and send it again if need be",
      { cause },
    );
  }
}

/** The server has ended the session for a reason of its operator's, and does not want the client back. */
export class SessionEndedError extends CodedError {
  readonly code = "session-ended";

  /**
   * @param reason What the server says of it, if it says anything.
   * @param lost Whether a request is lost with it that is not repeated.
   */
  constructor(reason: string | undefined, lost: boolean = false) {
    const why = reason === undefined ? "" : `: ${reason}`;
    const fate = lost ? "; whether the request was processed is not known" : "";
    super(`Server has ended the session${why}${fate}`);
  }
}

/** A request is given up, as one server after the other has died while it was under way. */
export class RequestGivenUpError extends CodedError {
  readonly code = "request-lost";

  /** @param deaths How many have. */
  constructor(server: string, deaths: number, cause: unknown) {
    super(
      `Request is given up: ${
        counted(deaths, "time")
      }, last at ${server}, the server died while it was under way, ` +
        "so it may be what ends it; its log says more",
      { cause },
    );
  }
}

/** A local file has more in it than the system says, and too much to find out by reading it. */
export class UnknownSizeError extends CodedError {
  readonly code = "size-unknown";
}

/** A local file was rewritten while it was sent: what was read of it is part old, part new, and is not stored. */
export class SourceChangedError extends CodedError {
  readonly code = "source-changed";
}

/** The answer has not come in the time that the caller gave it. */
export class CallTimeoutError extends CodedError {
  readonly code = "timeout";

  /** @param ms That time. */
  constructor(ms: number) {
    super(`No answer within ${ms} ms; the server may have begun with the request`);
  }
}
