import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

/** From one packet to the next, in milliseconds: what a measurement can be too long by. */
const INTERVAL_MS = 10;

/** Servers answer no packet that is smaller (RFC 9000 section 14.1). */
const PACKET_BYTES = 1200;

const CONNECTION_ID_BYTES = 8;

/**
 * Asks a port for a QUIC version that does not exist. Whoever serves it answers with those that he speaks
 * (RFC 9000 section 6), which costs both sides next to nothing.
 */
export class Knocker implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #port: number;

  private constructor(socket: Socket, port: number) {
    this.#socket = socket;
    this.#port = port;
  }

  static async open(port: number): Promise<Knocker> {
    const socket = createSocket("udp4");
    socket.on("error", () => {}); // nobody is there yet
    socket.bind({ address: "127.0.0.1", port: 0 });
    await once(socket, "listening");
    return new Knocker(socket, port);
  }

  /** Knocks until there is an answer. @returns Whether there was one within `deadlineMs`. */
  async answered(deadlineMs: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const yes = () => resolve(true);
    const knock = () => this.#socket.send(packet(), this.#port, "127.0.0.1", () => {});
    this.#socket.once("message", yes);
    knock();
    const timer = setInterval(knock, INTERVAL_MS);
    const limit = setTimeout(() => resolve(false), deadlineMs);
    const answer = await promise;
    clearInterval(timer);
    clearTimeout(limit);
    this.#socket.off("message", yes);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#socket, "close");
    this.#socket.close();
    await closed;
  }
}

/** RFC 9000 section 17.2, with a version that is reserved for being refused (section 15). */
function packet(): Uint8Array {
  const bytes = new Uint8Array(PACKET_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0xC0);
  view.setUint32(1, 0x1A2A_3A4A);
  view.setUint8(5, CONNECTION_ID_BYTES);
  crypto.getRandomValues(bytes.subarray(6, 6 + CONNECTION_ID_BYTES));
  view.setUint8(6 + CONNECTION_ID_BYTES, CONNECTION_ID_BYTES);
  crypto.getRandomValues(bytes.subarray(7 + CONNECTION_ID_BYTES, 7 + 2 * CONNECTION_ID_BYTES));
  return bytes;
}
