import { encode } from "@msgpack/msgpack";
import { concat, delay, settlesWithin } from "../../base/mod.ts";
import { frame } from "../e2e/interop_client.ts";
import { SEQUENCES } from "./answers.ts";
import type { StreamPlan } from "./cases.ts";

/** Where the server is, and how it is known. */
export interface Target {
  readonly port: number;
  /** PEM. */
  readonly certificate: string;
}

/** What came of a stream. */
export interface Outcome {
  readonly bytes: Uint8Array;
  /** How it ended: by itself, by the client that has enough, by an error of the stream, or not in time. */
  readonly how: "end" | "enough" | "reset" | "hang" | "unread";
  /** Why it was reset. */
  readonly reason?: string;
}

/** How long a server may take for one stream, in milliseconds. */
const PATIENCE_MS = 20_000;

/** More of an answer is not read: a file may be long. */
const ENOUGH = 512 * 1024;

const HEADER = 8;
const ERROR = 2;

/** A connection of Deno's own QUIC. */
export class Peer implements Disposable {
  readonly #connection: Deno.QuicConn;
  readonly #endpoint: Deno.QuicEndpoint;

  private constructor(connection: Deno.QuicConn, endpoint: Deno.QuicEndpoint) {
    this.#connection = connection;
    this.#endpoint = endpoint;
    connection.closed.catch(() => {});
  }

  /** @param from The address that it comes from, of 127.0.0.0/8. */
  static async connect({ port, certificate }: Target, from = "127.0.0.1"): Promise<Peer> {
    const endpoint = new Deno.QuicEndpoint({ hostname: from, port: 0 });
    try {
      const connection = await Deno.connectQuic({
        hostname: "127.0.0.1",
        port,
        serverName: "localhost",
        alpnProtocols: ["msquicd/1"],
        caCerts: [certificate],
        keepAliveInterval: 5000,
        endpoint,
      });
      return new Peer(connection, endpoint);
    } catch (error) {
      endpoint.close();
      throw error;
    }
  }

  /** Resolves with how it ended. */
  get closed(): Promise<Deno.QuicCloseInfo> {
    return this.#connection.closed;
  }

  /** Says hello; resolves with what comes back. */
  hello(token: unknown, { cut = false } = {}): Promise<Outcome> {
    const bytes = frame(1, 0, encode({ token, agent: "fuzz" }));
    const pieces = cut ? Array.from(bytes, (byte) => Uint8Array.of(byte)) : [bytes];
    return this.exchange({ pieces, end: "fin", read: "all" });
  }

  /** Sends what is planned on a stream of its own. */
  async exchange(plan: StreamPlan): Promise<Outcome> {
    const stream = await this.#open();
    if (stream === undefined) return { bytes: new Uint8Array(), how: "hang" };
    const sent = send(stream.writable, plan);
    if (plan.read === "none") {
      await sent;
      await stream.readable.cancel().catch(() => {});
      return { bytes: new Uint8Array(), how: "unread" };
    }
    const reading = readAnswer(stream.readable);
    if (!await settlesWithin(reading, PATIENCE_MS)) {
      stream.writable.abort().catch(() => {});
      return { bytes: new Uint8Array(), how: "hang" };
    }
    await sent;
    return await reading;
  }

  /** Sends a datagram, if there is room for it. */
  async datagram(bytes: Uint8Array): Promise<void> {
    const { maxDatagramSize } = this.#connection;
    await this.#connection.sendDatagram(bytes.subarray(0, maxDatagramSize));
  }

  /** What the server sends in datagrams, until the connection is over. */
  async *datagrams(): AsyncGenerator<Uint8Array, void, void> {
    try {
      for (;;) yield await this.#connection.readDatagram();
    } catch {
      // It is over.
    }
  }

  close(code = 0): void {
    try {
      this.#connection.close({ closeCode: code, reason: "" });
    } catch {
      // It is over.
    }
  }

  [Symbol.dispose](): void {
    this.close();
    this.#endpoint.close();
  }

  async #open(): Promise<Deno.QuicBidirectionalStream | undefined> {
    const opening = this.#connection.createBidirectionalStream({ waitUntilAvailable: true });
    opening.catch(() => {});
    if (!await settlesWithin(opening, PATIENCE_MS)) return undefined;
    return await opening;
  }
}

/** Sends; a server that has read enough stops it (STOP_SENDING), and its answer says why. */
async function send(writable: WritableStream<Uint8Array>, plan: StreamPlan): Promise<void> {
  const writer = writable.getWriter();
  try {
    for (const [index, piece] of plan.pieces.entries()) {
      if (index > 0 && plan.pieces.length < 4) await delay(0);
      await writer.write(piece as Uint8Array<ArrayBuffer>);
    }
    if (plan.end === "fin") await writer.close();
    else await writer.abort();
  } catch {
    // It was stopped.
  }
}

async function readAnswer(readable: ReadableStream<Uint8Array>): Promise<Outcome> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const reader = readable.getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return { bytes: concat(pieces), how: "end" };
      pieces.push(value);
      length += value.length;
      if (length < ENOUGH && !isEndless(pieces)) continue;
      await reader.cancel().catch(() => {});
      return { bytes: concat(pieces), how: "enough" };
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { bytes: concat(pieces), how: "reset", reason };
  }
}

/** Whether it is the beginning of a sequence, which may go on for ever, and its first message is there. */
function isEndless(pieces: readonly Uint8Array[]): boolean {
  const bytes = concat(pieces.slice(0, 4));
  if (bytes.length < HEADER) return false;
  const header = new DataView(bytes.buffer, bytes.byteOffset, HEADER);
  const whole = header.getUint32(4) + HEADER <= bytes.length;
  return whole && (header.getUint8(1) & ERROR) === 0 && SEQUENCES.has(header.getUint16(2));
}
