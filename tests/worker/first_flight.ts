import { delay } from "../../base/mod.ts";

/** How long a client has to send all that it sends at first, in milliseconds. */
const HELD_MS = 100;

/** A relay between one client and a server that keeps what the client sends before it has an answer. */
export class FirstFlight implements Disposable {
  readonly #front = Deno.listenDatagram({ hostname: "127.0.0.1", port: 0, transport: "udp" });
  readonly #back = Deno.listenDatagram({ hostname: "127.0.0.1", port: 0, transport: "udp" });
  readonly #server: Deno.NetAddr;
  #client: Deno.Addr | undefined;
  #answered = false;
  readonly datagrams: Uint8Array[] = [];

  private constructor(port: number) {
    this.#server = { hostname: "127.0.0.1", port, transport: "udp" };
    void this.#relayUp();
    void this.#relayDown();
  }

  static to(port: number): FirstFlight {
    return new FirstFlight(port);
  }

  /** Where the client connects to. */
  get port(): number {
    return (this.#front.addr as Deno.NetAddr).port;
  }

  [Symbol.dispose](): void {
    this.#front.close();
    this.#back.close();
  }

  async #relayUp(): Promise<void> {
    for await (const [datagram, client] of this.#front) {
      this.#client = client;
      const kept = datagram.slice();
      if (!this.#answered) this.datagrams.push(kept);
      const held = this.#answered ? Promise.resolve() : delay(HELD_MS);
      // Where it is closed meanwhile, nobody waits for it.
      held.then(() => this.#back.send(kept, this.#server)).catch(() => {});
    }
  }

  async #relayDown(): Promise<void> {
    for await (const [datagram] of this.#back) {
      this.#answered = true;
      if (this.#client !== undefined) {
        await this.#front.send(datagram, this.#client).catch(() => {});
      }
    }
  }
}

/** Whether there is a packet of type 0-RTT in a datagram (RFC 9000 section 17.2). */
export function hasEarlyData(datagram: Uint8Array): boolean {
  let at = 0;
  const varint = () => {
    const first = datagram[at++] ?? 0;
    let value = first & 0x3f;
    for (let more = (1 << (first >> 6)) - 1; more > 0; more--) {
      value = value * 256 + (datagram[at++] ?? 0);
    }
    return value;
  };
  while ((datagram[at] ?? 0) & 0x80) {
    const type = (datagram[at]! >> 4) & 3;
    if (type === 1) return true;
    at += 5; // with the version
    at += 1 + (datagram[at] ?? 0); // to whom
    at += 1 + (datagram[at] ?? 0); // from whom
    if (type === 0) {
      const token = varint();
      at += token;
    }
    const length = varint();
    at += length;
  }
  return false;
}
