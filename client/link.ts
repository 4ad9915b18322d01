import { type Address, type ConnectionEnd, formatAddress } from "../ffi/mod.ts";
import {
  ApplicationError,
  type GoAway,
  type HelloResponse,
  MessageReader,
  MessageType,
  parseGoAway,
} from "../protocol/mod.ts";
import type { RequestStream, StreamOpener } from "./exchange.ts";

/** What a client needs of a connection; ffi's `Connection` fits. */
export interface ClientConnection extends StreamOpener {
  readonly ended: Promise<ConnectionEnd>;
  /** The streams that the server opens; ends with the connection. */
  readonly streams: AsyncIterable<RequestStream>;
  /** Ends the connection and waits until it is over. */
  close(errorCode?: number): Promise<void>;
}

/** What a {@linkcode Link} is made of. */
export interface LinkParts {
  connection: ClientConnection;
  address: Address;
  /** The server's answer to the greeting. */
  hello: HelloResponse;
}

/** The use of a connection by one request: while it lasts, the connection is not retired. */
export interface LinkUse extends StreamOpener, Disposable {
  /** Whether anything may have been sent. */
  readonly opened: boolean;
}

/** One connection to one server, from the greeting to its end. */
export class Link {
  readonly #connection: ClientConnection;
  readonly #goAway = Promise.withResolvers<GoAway>();
  #users = 0;
  #retired = false;
  #over = false;
  readonly address: Address;
  readonly hello: HelloResponse;

  constructor({ connection, address, hello }: LinkParts) {
    this.#connection = connection;
    this.address = address;
    this.hello = hello;
    connection.ended.then(() => this.#over = true);
    void this.#listen();
  }

  /** The server, as `HOST:PORT`. */
  get server(): string {
    return formatAddress(this.address);
  }

  /** Resolves when the server says that it is going away; never rejects. */
  get goAway(): Promise<GoAway> {
    return this.#goAway.promise;
  }

  /** Resolves when the connection is over, with the reason; never rejects. */
  get ended(): Promise<ConnectionEnd> {
    return this.#connection.ended;
  }

  /** Whether the connection is over. */
  get over(): boolean {
    return this.#over;
  }

  /** Begins a request on this connection. */
  use(): LinkUse {
    this.#users++;
    const connection = this.#connection;
    let opened = false;
    let using = true;
    return {
      get opened() {
        return opened;
      },
      async openStream(options) {
        const stream = await connection.openStream(options);
        opened = true;
        return stream;
      },
      [Symbol.dispose]: () => {
        if (using) this.#users--;
        using = false;
        this.#closeIfDone();
      },
    };
  }

  /** Closes the connection once nobody uses it any more. */
  retire(): void {
    this.#retired = true;
    this.#closeIfDone();
  }

  /** Ends the connection at once; resolves when it is over. */
  async close(): Promise<void> {
    await this.#connection.close(ApplicationError.none);
  }

  #closeIfDone(): void {
    if (this.#retired && this.#users === 0 && !this.#over) void this.close();
  }

  async #listen(): Promise<void> {
    for await (const stream of this.#connection.streams) void this.#hear(stream);
  }

  /** What cannot be understood may be from a newer server: it is not for this client. */
  async #hear(stream: RequestStream): Promise<void> {
    try {
      const { type, flags, body } = await new MessageReader(stream).readMessage();
      if (type === MessageType.goaway && flags === 0) this.#goAway.resolve(parseGoAway(body));
    } catch {
      stream.abort(ApplicationError.refused);
    }
    await stream.close();
  }
}
