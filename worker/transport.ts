import type { CounterName } from "../base/mod.ts";
import type { ShownCertificate } from "../ffi/mod.ts";

/** Who is told how a send has ended. */
export interface Completion {
  resolve(): void;
  reject(error: unknown): void;
}

/** What a worker needs of a stream that a client opened; ffi's `Stream` fits. */
export interface PeerStream {
  /** Resolves when both directions are over; never rejects. */
  readonly closed: Promise<void>;
  /** The next bytes, or `null` after the last; borrowed until the next call. */
  read(options?: { signal?: AbortSignal }): Promise<Uint8Array | null>;
  /** Whether the last byte has come and has been read. */
  readonly exhausted: boolean;
  /** Gives back what the last read lent. */
  release(): void;
  /**
   * Sends bytes; resolves when they are no longer needed, which is when the client has them. Nobody has
   * to look at the promise.
   */
  send(data: Uint8Array, options?: { fin?: boolean }): Promise<void>;
  /** How many bytes it takes to have under way for the path to be full; 0 if it is not known. */
  readonly idealBytes?: number;
  /** The shortest round trip that was seen on the path, in milliseconds; `undefined`: it is not known. */
  readonly roundTripMs?: number | undefined;
  /** Ends this side's direction; resolves when the client has everything. */
  finish(): Promise<void>;
  /** Resets both directions. */
  abort(errorCode?: number): void;
  /** Tells the client to stop sending. */
  abortReceive(errorCode?: number): void;
}

/** A stream of which all has come that the client sends. */
export interface WholeStream {
  /**
   * Sends a copy of all that this side sends: as `send` with `fin`, but without a promise where it is little.
   *
   * @param completion Is told when the client has it, or cannot have it any more.
   */
  sendAll(data: Uint8Array, completion: Completion): void;
}

/** Whom a connection hands its client's streams to. It does not throw. */
export interface StreamTaker {
  take(stream: PeerStream): void;
  /**
   * All that the client sends on a stream has come, before that was handed over: inside of MsQuic's event,
   * so that the answer goes with the acknowledgement.
   *
   * @param bytes Borrowed, until this returns.
   * @returns Whether the stream is served; else it is handed over as others are.
   */
  takeWhole(stream: WholeStream, bytes: Uint8Array): boolean;
  /** The connection is over. */
  end(): void;
}

/** How a connection has ended, as the transport tells it. */
export interface ConnectionOutcome {
  /** This side, the client, the transport (an error), or nobody used it (idle). */
  readonly by: "local" | "peer" | "transport" | "idle";
  /** The code that an application ended it with, or the transport's. */
  readonly errorCode: number;
  /** Set where the client has acknowledged nothing for too long. */
  readonly unanswered?: true;
}

/** What is known of a connection's path. */
export interface PathFigures {
  /** Smoothed round-trip time, in microseconds. */
  readonly rttUs: number;
  /** In bytes. */
  readonly congestionWindow: number;
  readonly packetsSent: number;
  /** Of those, lost. */
  readonly packetsLost: number;
}

/** What a worker needs of a client's connection; ffi's `Connection` fits. */
export interface PeerConnection {
  readonly remoteAddress: { readonly hostname: string; readonly port: number };
  /** What the client has shown of itself, where the server asks for it. */
  readonly shownCertificate?: ShownCertificate | undefined;
  /** The streams that the client opens, until the connection is over. */
  readonly streams: { handTo(taker: StreamTaker): void };
  /** How it has ended; `undefined` before. */
  readonly outcome: ConnectionOutcome | undefined;
  /** What is known of the path. @throws {ConnectionEndedError} */
  statistics(): PathFigures;
  /** Acknowledges sooner on a short path, and asks the client for the same, but for no less than it takes. */
  acknowledgeSooner(peerMinMs: number): void;
  /** How many streams the client lets this side open now. */
  readonly openableStreams: number;
  /** How long a datagram to the client may be, in bytes; 0 where it takes none. */
  readonly maxDatagramLength: number;
  /** Sends a datagram. @returns Whether it is on its way. */
  sendDatagram(bytes: Uint8Array): boolean;
  /** Has the client's datagrams handed over. */
  takeDatagrams(taker: (bytes: Uint8Array) => void): void;
  /** Opens a stream to the client. */
  openStream(): Promise<PeerStream>;
  /** Ends the connection with an application error code. */
  shutdown(errorCode?: number): void;
}

/** Is told of every byte of a session's requests and answers. */
export interface Traffic {
  received(bytes: number): void;
  sent(bytes: number): void;
}

/** Where a server counts what it does; ipc's `CounterBlock` fits. */
export interface CounterSink {
  add(field: CounterName, amount: number): void;
}
