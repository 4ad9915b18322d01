import {
  Configuration,
  Connection,
  Library,
  Registration,
  type Settings,
  type Stream,
} from "../../ffi/mod.ts";
import { ALPN, encodeMessage, Flags } from "../../protocol/mod.ts";
import type { Server } from "../../worker/mod.ts";
import { within } from "../ffi/within.ts";
import { type Answer, parseAnswer } from "./fakes.ts";

/** How long an answer may take, in milliseconds. */
const PATIENCE_MS = 30_000;

/** A real connection to a server, and nothing of this project's client. */
export class ClientConnection implements AsyncDisposable {
  readonly #resources: AsyncDisposableStack;
  readonly connection: Connection;

  private constructor(connection: Connection, resources: AsyncDisposableStack) {
    this.connection = connection;
    this.#resources = resources;
  }

  static async open(
    server: Pick<Server, "address">,
    fingerprint: string,
    settings: Settings = {},
  ): Promise<ClientConnection> {
    await using resources = new AsyncDisposableStack();
    const library = resources.use(Library.open());
    const registration = resources.use(new Registration(library));
    const configuration = resources.use(
      new Configuration(registration, {
        alpn: [ALPN],
        settings: { sendBuffering: false, ...settings },
        credential: { role: "client", fingerprint },
      }),
    );
    const connection = await Connection.connect(registration, {
      configuration,
      server: server.address,
    });
    resources.use(connection);
    return new ClientConnection(connection, resources.move());
  }

  /** Sends bytes as they are, on a stream of their own. */
  async send(bytes: Uint8Array, options: { fin: boolean } = { fin: true }): Promise<Stream> {
    const stream = await this.connection.openStream();
    stream.send(bytes, options).catch(() => {});
    return stream;
  }

  /** Sends a request, with data if it has any, and reads the answer. */
  async request(type: number, body: unknown, data?: Uint8Array): Promise<Answer> {
    const flags = data ? Flags.data : 0;
    const stream = await this.send(encodeMessage({ type, flags, body }), { fin: !data });
    if (data) stream.send(data, { fin: true }).catch(() => {});
    return await readAnswer(stream);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

/** Reads a whole answer. */
export async function readAnswer(stream: Stream): Promise<Answer> {
  const chunks: Uint8Array[] = [];
  async function readAll(): Promise<void> {
    for (let chunk; (chunk = await stream.read()) !== null;) chunks.push(chunk.slice());
  }
  await within(PATIENCE_MS, "the answer", readAll());
  return await parseAnswer(chunks);
}
