import { suitAckDelay } from "./ack_delay.ts";
import {
  AddressFamily,
  ConnectionEvent,
  ConnectionEventType,
  ConnectionShutdownFlags,
  failed,
  NewConnectionInfo,
  Status,
} from "./abi/mod.ts";
import { type Address, decodeAddress, encodeAddress, formatAddress } from "./address.ts";
import type { Configuration } from "./configuration.ts";
import {
  type ConnectionEnd,
  endedByPeer,
  endedByTransport,
  endedConnectError,
  endedLocally,
} from "./connection_end.ts";
import { changeSettings } from "./change_settings.ts";
import { setConnected } from "./connected_settings.ts";
import { Datagrams } from "./datagrams.ts";
import { readOpenableStreams, readStatistics } from "./connection_statistics.ts";
import type { ConnectionStatistics } from "./connection_statistics.ts";
import { ConnectError, connectError, ConnectionEndedError } from "./errors.ts";
import type { EventView } from "./event_view.ts";
import { Flight } from "./flight.ts";
import { Handle } from "./handle.ts";
import { cString } from "./native_memory.ts";
import {
  type CertificateCheck,
  certificateCheck,
  readPortableCertificate,
  type ShownCertificate,
} from "./peer_certificate.ts";
import { PromptAck } from "./prompt_ack.ts";
import { MoveWatch } from "./move_watch.ts";
import { IncomingStreams } from "./incoming_streams.ts";
import type { Registration } from "./registration.ts";
import { SendOrder } from "./send_order.ts";
import { type Resumption, resumption, type TicketStore } from "./session_ticket.ts";
import { Stream } from "./stream.ts";
import type { StreamOwner } from "./stream_owner.ts";
import type { ReceiveWindows } from "./stream_windows.ts";

/** The application error code for an error of this program. */
const INTERNAL_ERROR = 1;

/** How long to wait until the packet that ends a connection has gone out, in milliseconds. */
const GOODBYE_MS = 500;

/** Options of {@linkcode Connection.connect}. */
export interface ConnectOptions {
  configuration: Configuration;
  /** The server's IP address and port. */
  server: Address;
  /** The name to ask for (SNI, RFC 6066) and to check a certificate against; default: the address. */
  serverName?: string;
  /** Gives the attempt up. */
  signal?: AbortSignal;
  /** Where tickets to resume sessions with come from and go to; without, there is a whole handshake. */
  tickets?: TicketStore;
}

/** For this folder alone: what a listener hears of the connections that it has taken on. */
export interface Acceptor {
  connected(connection: Connection): void;
  /** One has ended before its handshake was complete. */
  notConnected(): void;
}

/** A QUIC connection (RFC 9000 section 5). */
export class Connection implements AsyncDisposable, StreamOwner {
  readonly #registration: Registration;
  readonly #incoming = new IncomingStreams();
  readonly #configuration: Configuration;
  /** For this folder alone. */
  readonly handle: Handle;
  /** For its streams. */
  readonly sendOrder = new SendOrder();
  /** For its streams. */
  readonly sendCounts = { begun: 0, done: 0 };
  #acceptor: Acceptor | undefined;
  /** Only who connects waits for it. */
  #connected: PromiseWithResolvers<void> | undefined;
  /** Only there when it has been asked for: a server has many connections, and few ask. */
  #ended: PromiseWithResolvers<ConnectionEnd> | undefined;
  #certificateCheck: CertificateCheck | undefined;
  /** Few servers ask for one. */
  #shownCertificate: ShownCertificate | undefined;
  #resumption: Resumption | undefined;
  #resumed = false;
  /** Whether the handshake is complete. */
  #shaken = false;
  #rejection: ConnectError | undefined;
  #reason: ConnectionEnd | undefined;
  #incomingCount = 0;
  /** Streams whose handles are open. */
  #openCount = 0;
  #over = false;
  /** When the connection was ended here: how many packets had been sent, and how often MsQuic polled. */
  #beforeGoodbye: { packets: number; polls: number } | undefined;
  #remoteAddress: Address;
  #moveWatch: MoveWatch | undefined;
  /** Where the peer takes datagrams, or has sent one. */
  #datagrams: Datagrams | undefined;
  #takeDatagram: ((bytes: Uint8Array) => void) | undefined;
  #peerMinAckDelayMs: number | undefined;
  /** Where something bounds how they grow, and it is connected. */
  #windows: ReceiveWindows | undefined;
  #promptAck: PromptAck | undefined;
  #keepAliveMs: number;
  /** Whether its large sends are bounded: null until the first of them. */
  #flight: Flight | null | undefined;

  private constructor(registration: Registration, peer: Address, configuration: Configuration) {
    this.#registration = registration;
    this.#configuration = configuration;
    this.#keepAliveMs = configuration.keepAliveIntervalMs;
    this.#remoteAddress = peer;
    this.handle = new Handle(registration.runtime, "connection", this);
    registration.adopt(this);
  }

  /**
   * Connects to a server; resolves when the handshake is complete.
   *
   * @throws {ConnectError} If that fails.
   */
  static async connect(registration: Registration, options: ConnectOptions): Promise<Connection> {
    const { configuration, server, signal } = options;
    const serverName = options.serverName ?? server.hostname.replace(/%.*$/, "");
    const check = await certificateCheck(configuration.credential, serverName);
    signal?.throwIfAborted();
    const connection = new Connection(registration, server, configuration);
    connection.#certificateCheck = check;
    connection.#resumption = options.tickets && resumption(options.tickets, serverName, check);
    const connected = connection.#connected = Promise.withResolvers();
    connected.promise.catch(() => {}); // an attempt that cannot even begin is not waited for
    // Without a word: to say goodbye to one who never answered takes seconds.
    const abort = () => connection.#shutdown(ConnectionShutdownFlags.SILENT, 0);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      connection.#start(configuration, server, serverName);
      await connected.promise;
      return connection;
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Whether the session of an earlier connection was resumed: without certificates. */
  get resumed(): boolean {
    return this.#resumed;
  }

  /** For this folder alone: takes on a new connection; tells its `QUIC_STATUS`. */
  static accept(
    registration: Registration,
    pointer: Deno.PointerValue,
    info: Deno.PointerObject,
    configuration: Configuration,
    acceptor: Acceptor,
  ): number {
    // First what may throw: until it has a context, a connection is MsQuic's alone.
    const view = new Deno.UnsafePointerView(info);
    const remote = decodeAddress(view.getPointer(NewConnectionInfo.RemoteAddress));
    const settings = configuration.handle.pointer;
    const connection = new Connection(registration, remote, configuration);
    connection.#acceptor = acceptor;
    connection.handle.adopt(pointer);
    const status = registration.runtime.api.ConnectionSetConfiguration(pointer, settings);
    if (failed(status)) {
      connection.handle.disown(); // one that is refused here stays MsQuic's
      registration.release(connection);
    }
    return status;
  }

  /** A number that no other open connection of this process has. */
  get id(): number {
    return this.handle.context;
  }

  /** What a client has shown of itself, where the server asks for it. */
  get shownCertificate(): ShownCertificate | undefined {
    return this.#shownCertificate;
  }

  /** The peer's address; changes when the peer migrates (RFC 9000 section 9). */
  get remoteAddress(): Address {
    return this.#remoteAddress;
  }

  /** Resolves when the connection is over, with the reason. */
  get ended(): Promise<ConnectionEnd> {
    if (this.#ended !== undefined) return this.#ended.promise;
    this.#ended = Promise.withResolvers();
    if (this.#over && this.#reason !== undefined) this.#ended.resolve(this.#reason);
    return this.#ended.promise;
  }

  /** How it has ended; `undefined` before it has. */
  get outcome(): ConnectionEnd | undefined {
    return this.#over ? this.#reason : undefined;
  }

  /** The streams that the peer opens, until the connection ends. */
  get streams(): IncomingStreams {
    return this.#incoming;
  }

  /**
   * Opens a bidirectional stream. Where the peer allows no more for the moment, what is sent on it
   * waits.
   *
   * @throws {ConnectionEndedError} If the connection is over.
   */
  openStream(options: { signal?: AbortSignal } = {}): Promise<Stream> {
    if (options.signal?.aborted) return Promise.reject(options.signal.reason);
    if (this.#over || this.#reason !== undefined) return Promise.reject(this.endedError());
    try {
      const stream = Stream.open(this);
      this.#openCount++;
      return Promise.resolve(stream);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** How many bidirectional streams the peer lets this side open now; 0 when the connection is over. */
  get openableStreams(): number {
    return this.#over ? 0 : readOpenableStreams(this.handle);
  }

  /** How long a datagram may be that is sent now, in bytes; 0 where the peer takes none (RFC 9221). */
  get maxDatagramLength(): number {
    return this.#over ? 0 : this.#datagrams?.maxLength ?? 0;
  }

  /**
   * Sends a datagram, which arrives once, or not at all. Its bytes must not change any more.
   *
   * @returns Whether it is on its way: else it is too long, or too many are.
   */
  sendDatagram(bytes: Uint8Array): boolean {
    return !this.#over && (this.#datagrams?.send(bytes) ?? false);
  }

  /**
   * Has the datagrams handed over that come from now on, inside of MsQuic's event; those before were thrown
   * away.
   */
  takeDatagrams(taker: (bytes: Uint8Array) => void): void {
    this.#takeDatagram = taker;
  }

  /** Round-trip time, loss and congestion window as MsQuic sees them. */
  statistics(): ConnectionStatistics {
    if (this.#over) throw this.endedError();
    return readStatistics(this.handle);
  }

  /**
   * Changes how long nothing may be under way before a keep-alive is sent (RFC 9000 section 10.1.2),
   * in milliseconds; 0 for none. One is sent at once. Does nothing when the connection is over.
   */
  setKeepAlive(intervalMs: number): void {
    if (this.#over) return;
    this.#keepAliveMs = intervalMs;
    changeSettings(this.handle, { keepAliveIntervalMs: intervalMs });
    this.handle.runtime.loop.flush();
  }

  /**
   * Acknowledges sooner on a short path, and asks the peer for the same. Does nothing when the connection is
   * over.
   *
   * @param peerMinMs The shortest delay, in milliseconds, that the peer lets itself be asked for: it ends the
   * connection if it is asked for less.
   */
  acknowledgeSooner(peerMinMs: number): void {
    this.#peerMinAckDelayMs = peerMinMs;
    if (this.#shaken) this.#suitAckDelay();
  }

  /** Ends the connection at once with an application error code (RFC 9000 section 10.2). */
  shutdown(errorCode = 0): void {
    // MsQuic takes the last one first, but the first reason is the right one.
    if (this.#over || !this.handle.open || this.#beforeGoodbye !== undefined) return;
    const { packetsSent: packets } = this.statistics();
    this.#beforeGoodbye = { packets, polls: this.handle.runtime.loop.turns };
    this.#shutdown(ConnectionShutdownFlags.NONE, errorCode);
  }

  /**
   * Ends the connection, and resolves when the packet has gone out that says so (CONNECTION_CLOSE, RFC
   * 9000 section 10.2). A peer that it does not reach finds out as if this side had vanished.
   */
  async close(errorCode = 0): Promise<void> {
    this.shutdown(errorCode);
    const endsAt = performance.now() + GOODBYE_MS;
    while (!this.#saidGoodbye && performance.now() < endsAt) {
      await this.handle.runtime.loop.turned();
    }
    this.#shutdown(ConnectionShutdownFlags.SILENT, errorCode);
    await this.ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** For streams. */
  get flight(): Flight | undefined {
    if (this.#flight === null) {
      this.#flight = this.#over ? undefined : Flight.of(this.handle);
      this.#flight?.allowSlowTimers(this.#peerMinAckDelayMs ?? 0);
    }
    return this.#flight;
  }

  /** For streams. */
  get promptAck(): PromptAck | undefined {
    return this.#promptAck;
  }

  /** For streams. */
  get windows(): ReceiveWindows | undefined {
    return this.#windows;
  }

  /** For streams: the reason as an error. */
  endedError(): ConnectionEndedError {
    const reason = this.#reason?.message ?? "closed";
    return new ConnectionEndedError(`Connection to ${this.#peer} ${reason}`);
  }

  /** For streams: one of them has closed its handle. */
  streamClosed(): void {
    this.#openCount--;
    this.#releaseHandle();
  }

  /** For MsQuic's dispatcher and for streams: an event could not be handled. */
  handleFailure(): void {
    this.shutdown(INTERNAL_ERROR);
  }

  /** For MsQuic. */
  handleEvent(event: EventView): number {
    switch (event.getUint32(ConnectionEvent.Type)) {
      case ConnectionEventType.CONNECTED:
        this.#resumed = event.getUint8(ConnectionEvent.CONNECTED.SessionResumed) !== 0;
        if (this.#configuration.congestionControl === "bbr") this.#flight = null;
        this.#windows = setConnected(this.handle, this.#configuration);
        this.#connected?.resolve();
        this.#shaken = true;
        this.#suitAckDelay();
        this.#promptAck = PromptAck.of(this.handle, () => this.#keepAliveMs);
        this.#acceptor?.connected(this);
        break;
      case ConnectionEventType.PEER_STREAM_STARTED:
        this.#onPeerStream(event.getPointer(ConnectionEvent.PEER_STREAM_STARTED.Stream));
        break;
      case ConnectionEventType.SHUTDOWN_INITIATED_BY_TRANSPORT:
        this.#onTransportShutdown(event);
        break;
      case ConnectionEventType.SHUTDOWN_INITIATED_BY_PEER:
        this.#reason ??= endedByPeer(
          Number(event.getBigUint64(ConnectionEvent.SHUTDOWN_INITIATED_BY_PEER.ErrorCode)),
        );
        break;
      case ConnectionEventType.SHUTDOWN_COMPLETE:
        this.#onShutdownComplete();
        break;
      case ConnectionEventType.NETWORK_STATISTICS:
        this.#flight?.note(event);
        break;
      case ConnectionEventType.PEER_ADDRESS_CHANGED:
        this.#remoteAddress = decodeAddress(
          event.getPointer(ConnectionEvent.PEER_ADDRESS_CHANGED.Address),
        );
        this.#moveWatch?.[Symbol.dispose]();
        this.#moveWatch = new MoveWatch(this.handle, this.sendCounts, () => this.shutdown());
        break;
      case ConnectionEventType.DATAGRAM_STATE_CHANGED:
        this.#ownDatagrams.changed(event);
        break;
      case ConnectionEventType.DATAGRAM_RECEIVED:
        this.#takeDatagram?.(this.#ownDatagrams.received(event));
        break;
      case ConnectionEventType.DATAGRAM_SEND_STATE_CHANGED:
        this.#ownDatagrams.sendChanged(event);
        break;
      case ConnectionEventType.RESUMPTION_TICKET_RECEIVED:
        this.#resumption?.received(event);
        break;
      case ConnectionEventType.PEER_CERTIFICATE_RECEIVED:
        return this.#acceptor === undefined
          ? this.#checkCertificate(
            event.getPointer(ConnectionEvent.PEER_CERTIFICATE_RECEIVED.Certificate),
          )
          : this.#noteCertificate(event);
    }
    return Status.SUCCESS;
  }

  /** What a peer says with its first bytes may come before the path has been measured. */
  #suitAckDelay(): void {
    if (this.#over || this.#peerMinAckDelayMs === undefined) return;
    suitAckDelay(this.handle, this.#peerMinAckDelayMs);
    this.#flight?.allowSlowTimers(this.#peerMinAckDelayMs);
  }

  get #ownDatagrams(): Datagrams {
    return this.#datagrams ??= new Datagrams(this.handle);
  }

  /**
   * Whether the packet that ends the connection has gone out. A poll serves one connection, but sends what is to
   * be acknowledged by now on all of them: only behind as many polls can no other packet be the one.
   */
  get #saidGoodbye(): boolean {
    const before = this.#beforeGoodbye;
    if (before === undefined || this.#over || !this.handle.open) return true;
    const { loop, handles } = this.handle.runtime;
    const polls = (loop.turns - before.polls) >>> 0;
    return polls > handles.connection.size && this.statistics().packetsSent !== before.packets;
  }

  #shutdown(flags: number, errorCode: number): void {
    if (this.#over || !this.handle.open) return;
    this.#reason ??= endedLocally(errorCode);
    const { api, loop } = this.handle.runtime;
    api.ConnectionShutdown(this.handle.pointer, flags, BigInt(errorCode));
    loop.flush();
  }

  get #peer(): string {
    return formatAddress(this.#remoteAddress);
  }

  #start(configuration: Configuration, server: Address, serverName: string): void {
    const { handle } = this;
    const { handle: registration, runtime: { api, loop } } = this.#registration;
    using acquired = new DisposableStack();
    acquired.defer(() => this.#registration.release(this));
    handle.acquire("ConnectionOpen", (...sink) => api.ConnectionOpen(registration, ...sink));
    acquired.defer(() => handle.abandon());
    handle.setParam("CONN_REMOTE_ADDRESS", encodeAddress(server));
    this.#resumption?.begin(handle);
    const started = api.ConnectionStart(
      handle.pointer,
      configuration.handle.pointer,
      server.hostname.includes(":") ? AddressFamily.INET6 : AddressFamily.INET,
      cString(serverName),
      server.port,
    );
    if (failed(started)) throw connectError(this.#peer, started);
    loop.flush();
    acquired.move();
  }

  #onPeerStream(handle: Deno.PointerValue): void {
    const stream = Stream.accept(this, handle, this.#nextIncomingId(), this.#incoming);
    this.#openCount++;
    if (!this.#incoming.push(stream)) stream.abort();
  }

  // A peer's streams come in the order of their numbers, without gaps (RFC 9000 section 2.1 and 3.2).
  #nextIncomingId(): number {
    const initiator = this.#acceptor === undefined ? 1 : 0;
    return 4 * this.#incomingCount++ + initiator;
  }

  #onTransportShutdown(event: EventView): void {
    const layout = ConnectionEvent.SHUTDOWN_INITIATED_BY_TRANSPORT;
    const status = event.getUint32(layout.Status);
    const errorCode = Number(event.getBigUint64(layout.ErrorCode));
    this.#reason ??= endedByTransport(status, errorCode, status === Status.CONNECTION_IDLE);
  }

  #onShutdownComplete(): void {
    this.#over = true;
    if (!this.#shaken) this.#acceptor?.notConnected();
    this.#moveWatch?.[Symbol.dispose]();
    this.#flight?.[Symbol.dispose]();
    this.#promptAck?.end();
    this.#reason ??= endedLocally(0);
    this.#incoming.end();
    for (const stream of this.#incoming.drain()) stream.release();
    this.#connected?.reject(this.#rejection ?? endedConnectError(this.#peer, this.#reason));
    this.#ended?.resolve(this.#reason);
    this.#registration.release(this);
    this.#releaseHandle();
  }

  /** Closes the handle when the connection is over and none of its streams has one any more. */
  #releaseHandle(): void {
    if (this.#over && this.#openCount === 0) this.handle.close();
  }

  /** Who it is from, and what follows from that, is not for this folder to say. */
  #noteCertificate(event: EventView): number {
    const { Certificate, DeferredStatus } = ConnectionEvent.PEER_CERTIFICATE_RECEIVED;
    const der = readPortableCertificate(event.getPointer(Certificate));
    const trusted = event.getUint32(DeferredStatus) === Status.SUCCESS;
    if (der.length > 0) this.#shownCertificate = { der, trusted };
    return Status.SUCCESS;
  }

  #checkCertificate(certificate: Deno.PointerValue): number {
    const der = readPortableCertificate(certificate);
    const fault = this.#certificateCheck?.(der);
    this.#resumption?.saw(der);
    if (fault === undefined) return Status.SUCCESS;
    const message = `Cannot trust ${this.#peer}: ${fault.reason}`;
    this.#rejection = new ConnectError(fault.code, Status.BAD_CERTIFICATE, message);
    return Status.BAD_CERTIFICATE;
  }
}
