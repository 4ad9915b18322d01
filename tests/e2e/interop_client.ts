import { decode, encode } from "@msgpack/msgpack";
import { concat } from "../../base/mod.ts";

/**
 * A client written from docs/protocol.md alone, on Deno's own QUIC: it shares no code with this
 * project's protocol layer, so that both can only agree by what is written down.
 */
export class InteropClient implements Disposable {
  readonly #connection: Deno.QuicConn;

  private constructor(connection: Deno.QuicConn) {
    this.#connection = connection;
  }

  /** Does the handshake. */
  static async connect(port: number, certificate: string, alpn = "msquicd/1") {
    return new InteropClient(
      await Deno.connectQuic({
        hostname: "127.0.0.1",
        port,
        serverName: "localhost",
        alpnProtocols: [alpn],
        caCerts: [certificate],
      }),
    );
  }

  /** Resolves with how the connection ended. */
  get closed(): Promise<Deno.QuicCloseInfo> {
    return this.#connection.closed;
  }

  /** Resolves when the server opens a stream of its own, which it does to say that it leaves. */
  async announced(): Promise<void> {
    const streams = this.#connection.incomingBidirectionalStreams.getReader();
    await streams.read();
    streams.releaseLock();
  }

  /**
   * Sends bytes on a stream of their own, and returns all that comes back.
   *
   * @param rest What is sent later, on the same stream.
   */
  async exchange(bytes: Uint8Array, rest?: Promise<Uint8Array>): Promise<Uint8Array> {
    const stream = await this.#connection.createBidirectionalStream();
    const sending = (async () => {
      const writer = stream.writable.getWriter();
      await writer.write(bytes);
      if (rest !== undefined) await writer.write(await rest);
      await writer.close();
    })();
    // A server that refuses stops reading (STOP_SENDING); its answer says why.
    sending.catch(() => {});
    const answer: Uint8Array[] = [];
    for await (const piece of stream.readable) answer.push(piece);
    return concat(answer);
  }

  /** Sends a request and returns its answer. */
  async request(type: number, body: unknown, data?: Uint8Array): Promise<InteropAnswer> {
    const flags = data === undefined ? 0 : DATA;
    return parseAnswer(
      await this.exchange(concat([frame(type, flags, encode(body)), data ?? EMPTY])),
    );
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

/** An answer: its header, its body, and the raw bytes after that. */
export interface InteropAnswer {
  type: number;
  flags: number;
  body: Record<string, unknown>;
  data: Uint8Array;
}

const DATA = 4;
const HEADER_BYTES = 8;
const EMPTY = new Uint8Array();

/** A frame as docs/protocol.md draws it. */
export function frame(type: number, flags: number, body: Uint8Array, version = 1): Uint8Array {
  const header = new DataView(new ArrayBuffer(HEADER_BYTES));
  header.setUint8(0, version);
  header.setUint8(1, flags);
  header.setUint16(2, type);
  header.setUint32(4, body.length);
  return concat([new Uint8Array(header.buffer), body]);
}

/** Takes an answer apart. */
export function parseAnswer(bytes: Uint8Array): InteropAnswer {
  const header = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const end = HEADER_BYTES + header.getUint32(4);
  return {
    type: header.getUint16(2),
    flags: header.getUint8(1),
    body: decode(bytes.subarray(HEADER_BYTES, end)) as Record<string, unknown>,
    data: bytes.subarray(end),
  };
}
