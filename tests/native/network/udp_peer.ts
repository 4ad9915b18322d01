import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { settlesWithin } from "../../../base/mod.ts";

/** How long datagrams may take, in milliseconds. */
const LIMIT_MS = 20_000;

/** A datagram that has come. */
export interface Received {
  bytes: Uint8Array;
  /** The port that it has come from. */
  port: number;
  /** On the clock of `performance.now()`. */
  at: number;
}

/** A UDP socket of 127.0.0.1 that keeps what comes. */
export class UdpPeer implements AsyncDisposable {
  readonly #socket: Socket;
  readonly received: Received[] = [];
  #onDatagram: () => void = () => {};

  private constructor(socket: Socket, echo: boolean) {
    this.#socket = socket;
    socket.on("message", (bytes: Uint8Array, { port }: RemoteInfo) => {
      this.received.push({ bytes, port, at: performance.now() });
      if (echo) this.send(bytes, port);
      this.#onDatagram();
    });
  }

  /** @param echo Whether it sends back what comes. */
  static async open({ echo = false } = {}): Promise<UdpPeer> {
    const socket = createSocket("udp4");
    socket.bind({ address: "127.0.0.1", port: 0 });
    await once(socket, "listening");
    return new UdpPeer(socket, echo);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  send(bytes: Uint8Array, port: number): void {
    this.#socket.send(bytes, port, "127.0.0.1");
  }

  /**
   * Resolves when so many have come in all.
   *
   * @throws {Error} They do not come.
   */
  async has(count: number): Promise<void> {
    const all = new Promise<void>((resolve) => {
      this.#onDatagram = () => this.received.length >= count && resolve();
      this.#onDatagram();
    });
    if (await settlesWithin(all, LIMIT_MS)) return;
    throw new Error(`${this.received.length} datagrams have come instead of ${count}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((closed) => this.#socket.close(() => closed()));
  }
}
