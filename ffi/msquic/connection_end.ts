import { Status } from "./abi/mod.ts";
import { ConnectError, connectError } from "./errors.ts";
import { transportReason } from "./transport_reason.ts";

/** Why a connection is over. */
export interface ConnectionEnd {
  /** Who ended it: this side, the peer, the transport (an error), or nobody used it (idle). */
  readonly by: "local" | "peer" | "transport" | "idle";
  /** The application error code that was sent (RFC 9000 section 20.2), or the transport's. */
  readonly errorCode: number;
  /** The `QUIC_STATUS`; 0 where an application ended it. */
  readonly status: number;
  /** Set where the peer has acknowledged nothing for too long: it may be the network that is gone. */
  readonly unanswered?: true;
  /** The same in words. */
  readonly message: string;
}

/** An end that this side asked for. */
export function endedLocally(errorCode: number): ConnectionEnd {
  return { by: "local", errorCode, status: 0, message: `closed here with code ${errorCode}` };
}

/** An end that the peer's application asked for. */
export function endedByPeer(errorCode: number): ConnectionEnd {
  return { by: "peer", errorCode, status: 0, message: `closed by the peer with code ${errorCode}` };
}

/** An end that came from the transport. */
export function endedByTransport(status: number, errorCode: number, idle: boolean): ConnectionEnd {
  return {
    by: idle ? "idle" : "transport",
    errorCode,
    status,
    ...(status === Status.CONNECTION_TIMEOUT ? { unanswered: true } : {}),
    message: idle ? "ended after the idle timeout" : `ended: ${transportReason(status)}`,
  };
}

/** The error for an attempt to connect to `server` that ended in this way. */
export function endedConnectError(
  server: string,
  { by, message, status }: ConnectionEnd,
): ConnectError {
  if (by !== "peer") return connectError(server, status);
  const { CONNECTION_REFUSED } = Status;
  const text = `Cannot connect to ${server}: ${message}`;
  return new ConnectError("connection-refused", CONNECTION_REFUSED, text);
}
