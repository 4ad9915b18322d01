import { DEFAULT_CONGESTION_CONTROL } from "../../../base/mod.ts";
import { connect } from "../../../client/mod.ts";
import { Configuration, Connection, Library, Registration } from "../../../ffi/mod.ts";
import { ALPN } from "../../../protocol/mod.ts";
import type { BenchClient, BenchFiles, Target } from "../contestant.ts";
import { openConnection } from "./connection.ts";

const MEBIBYTE = 1024 * 1024;

/** As the client library has them, but for buffering: nothing is copied before it is sent. */
const SETTINGS = {
  idleTimeoutMs: 30_000,
  connFlowControlWindow: 64 * MEBIBYTE,
  streamRecvWindow: 16 * MEBIBYTE,
  congestionControl: DEFAULT_CONGESTION_CONTROL,
  sendBuffering: false,
} as const;

/** Opens a client: the client library for files, its lower layers for what loads the server. */
export function openClient(target: Target): Promise<BenchClient> {
  const stack = new AsyncDisposableStack();
  const registration = stack.use(new Registration(stack.use(Library.open())));
  const configuration = new Configuration(registration, {
    alpn: [ALPN],
    settings: SETTINGS,
    credential: { role: "client", fingerprint: target.fingerprint },
  });
  const server = { hostname: "127.0.0.1", port: target.port };
  const connection = () => Connection.connect(registration, { configuration, server });
  return Promise.resolve({
    connect: async () => await openConnection(await connection(), target.token),
    openFiles: () => openFiles(target, stack),
    // What is closed here need not be waited for: the registration does that.
    handshake: async () => (await connection()).shutdown(),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  });
}

async function openFiles(target: Target, stack: AsyncDisposableStack): Promise<BenchFiles> {
  const { port, token, fingerprint } = target;
  const server = `127.0.0.1:${port}`;
  // As commands do: the first file goes together with the greeting.
  const client = stack.use(await connect({ server, token, fingerprint, early: true }));
  return {
    put: async (path, name) => void await client.put(path, name),
    get: async (name, path) => void await client.get(name, path),
  };
}
