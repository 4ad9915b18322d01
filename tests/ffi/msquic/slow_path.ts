import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import type { Address } from "../../../ffi/mod.ts";

/** A way to a server on which packets take their time, are lost, or wait for as long as it is told. */
export class SlowPath implements AsyncDisposable {
  readonly #front: Socket;
  readonly #back: Socket;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #delayMs: number;
  /** Whether packets are lost. */
  broken = false;
  /** Packets that wait, where they are to. */
  #held: (() => void)[] | undefined;

  private constructor(front: Socket, back: Socket, delayMs: number) {
    this.#front = front;
    this.#back = back;
    this.#delayMs = delayMs;
  }

  /** Opens one to `server` for one client; each packet takes `delayMs` in either direction. */
  static async open(server: Address, delayMs: number): Promise<SlowPath> {
    const [front, back] = [createSocket("udp4"), createSocket("udp4")];
    for (const socket of [front, back]) {
      socket.bind(0, "127.0.0.1");
      await once(socket, "listening");
    }
    const path = new SlowPath(front, back, delayMs);
    let client: RemoteInfo | undefined;
    front.on("message", (packet, from) => {
      client = from;
      path.#pass(() => back.send(packet, server.port, server.hostname));
    });
    back.on("message", (packet) => {
      path.#pass(() => client && front.send(packet, client.port, client.address));
    });
    return path;
  }

  /** Where the client is to connect to. */
  get address(): Address {
    return { hostname: "127.0.0.1", port: this.#front.address().port };
  }

  /** Lets no packet pass before it is released. */
  hold(): void {
    this.#held = [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const send of held) send();
  }

  #pass(send: () => void): void {
    if (this.broken) return;
    if (this.#held !== undefined) return void this.#held.push(send);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      send();
    }, this.#delayMs);
    this.#timers.add(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const socket of [this.#front, this.#back]) {
      await new Promise<void>((closed) => socket.close(() => closed()));
    }
  }
}
