import { AsyncQueue } from "./async_queue.ts";
import { Addr, failed, ListenerEvent, ListenerEventType, Status } from "./abi/mod.ts";
import {
  type Address,
  decodeAddressStruct,
  encodeListenAddress,
  formatAddress,
} from "./address.ts";
import { type Configuration, encodeAlpn } from "./configuration.ts";
import { type Acceptor, Connection } from "./connection.ts";
import type { EventView } from "./event_view.ts";
import { Handle } from "./handle.ts";
import { isLoopback, restrictToLoopback } from "./loopback_only.ts";
import { allocStruct, NativeScope } from "./native_memory.ts";
import type { Registration } from "./registration.ts";
import { sendTicket } from "./session_ticket.ts";
import { transportReason } from "./transport_reason.ts";

const DEFAULT_BACKLOG = 1024;

/** Options of {@linkcode Listener}. */
export interface ListenerOptions {
  /** What connections are accepted with. */
  configuration: Configuration;
  /** The protocols to answer to (RFC 7301). */
  alpn: readonly string[];
  /**
   * Where to listen; `::` stands for every address, of IPv4 as well. The port is bound on all addresses,
   * and shared with nobody.
   */
  address: Address;
  /** Connections that may wait to be taken; further ones are refused. Default 1,024. */
  backlog?: number;
}

/** Accepts connections on a UDP port; yields those whose handshake is complete. */
export class Listener implements AsyncDisposable, AsyncIterable<Connection>, Acceptor {
  readonly #registration: Registration;
  #configuration: Configuration;
  readonly #backlog: number;
  readonly #handle: Handle;
  /** Whether MsQuic is going to tell when it has stopped. */
  #started = false;
  readonly #connections = new AsyncQueue<Connection>();
  #handshaking = 0;
  readonly #stopped = Promise.withResolvers<void>();
  #closed: Promise<void> | undefined;

  #address: Address;

  private constructor(registration: Registration, options: ListenerOptions) {
    this.#registration = registration;
    this.#configuration = options.configuration;
    this.#backlog = options.backlog ?? DEFAULT_BACKLOG;
    this.#address = options.address;
    this.#handle = new Handle(registration.runtime, "listener", this);
    registration.adopt(this);
  }

  /**
   * Binds an address and listens. When that fails, the address is free again.
   *
   * @throws {MsQuicError} If the address cannot be bound.
   */
  static async open(registration: Registration, options: ListenerOptions): Promise<Listener> {
    await using acquired = new AsyncDisposableStack();
    const listener = acquired.use(new Listener(registration, options));
    listener.#start(options.alpn, options.address);
    listener.#address = listener.#readAddress();
    if (isLoopback(listener.address)) restrictToLoopback(listener.address.port);
    acquired.move();
    return listener;
  }

  /** The address that is bound, with the port that the system gave where 0 was asked for. */
  get address(): Address {
    return this.#address;
  }

  /** What connections are accepted with from now on; those that are there keep theirs. */
  set configuration(configuration: Configuration) {
    this.#configuration = configuration;
  }

  /** How many connections are in their handshake. */
  get handshaking(): number {
    return this.#handshaking;
  }

  [Symbol.asyncIterator](): AsyncIterator<Connection, undefined> {
    return this.#connections[Symbol.asyncIterator]();
  }

  /** Accepts no more, ends the iteration and gives the port back. Connections that were taken live on. */
  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * For connections: its handshake is complete. Nobody sees one earlier, even where MsQuic has taken 0-RTT
   * data: that anybody could have sent again.
   */
  connected(connection: Connection): void {
    this.#handshaking--;
    if (!this.#connections.push(connection)) return connection.shutdown();
    if (this.#configuration.sendsTickets) sendTicket(connection.handle);
  }

  /** For connections: one has ended before that. */
  notConnected(): void {
    this.#handshaking--;
  }

  /** For MsQuic. */
  handleEvent(event: EventView): number {
    switch (event.getUint32(ListenerEvent.Type)) {
      case ListenerEventType.NEW_CONNECTION:
        return this.#onNewConnection(event);
      case ListenerEventType.STOP_COMPLETE:
        this.#stopped.resolve();
        break;
    }
    return Status.SUCCESS;
  }

  /** For MsQuic's dispatcher: MsQuic refuses the connection whose event failed. */
  handleFailure(): void {}

  #onNewConnection(event: EventView): number {
    const { Info, Connection: handle } = ListenerEvent.NEW_CONNECTION;
    const info = event.getPointer(Info);
    if (info === null || this.#connections.size >= this.#backlog) return Status.CONNECTION_REFUSED;
    const status = Connection.accept(
      this.#registration,
      event.getPointer(handle),
      info,
      this.#configuration,
      this,
    );
    if (!failed(status)) this.#handshaking++;
    return status;
  }

  #start(alpn: readonly string[], address: Address): void {
    using scope = new NativeScope();
    const names = encodeAlpn(scope, alpn);
    const { handle: registration, runtime: { api } } = this.#registration;
    const handle = this.#handle;
    handle.acquire("ListenerOpen", (...sink) => api.ListenerOpen(registration, ...sink));
    const status = api.ListenerStart(
      handle.pointer,
      names,
      alpn.length,
      encodeListenAddress(address),
    );
    const why = status === Status.INVALID_ADDRESS ? `: ${transportReason(status)}` : "";
    handle.check("ListenerStart", status, formatAddress(address) + why);
    this.#started = true;
  }

  #readAddress(): Address {
    const struct = this.#handle.getParam("LISTENER_LOCAL_ADDRESS", allocStruct(Addr.size));
    return decodeAddressStruct(struct);
  }

  async #close(): Promise<void> {
    this.#connections.end();
    await this.#stop();
    await Promise.all(this.#connections.drain().map((connection) => connection.close()));
    await this.#handle.close(); // STOP_COMPLETE was its last event
    this.#registration.release(this);
  }

  async #stop(): Promise<void> {
    if (!this.#started) return;
    const { api, loop } = this.#handle.runtime;
    api.ListenerStop(this.#handle.pointer);
    loop.flush();
    await this.#stopped.promise;
  }
}
