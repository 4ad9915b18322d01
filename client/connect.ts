import {
  type Address,
  Configuration,
  ConnectError,
  Connection,
  type Credential,
  formatAddress,
  Library,
  Registration,
} from "../ffi/mod.ts";
import { ALPN, ApplicationError, RemoteError } from "../protocol/mod.ts";
import { isLiteral, parseServers, resolveAddress, type Servers } from "./address.ts";
import { Client } from "./client.ts";
import { Deadline } from "./deadline.ts";
import { ConnectTimeoutError, NameResolutionError, NoServerError } from "./errors.ts";
import { normalizeFingerprint } from "./fingerprint.ts";
import { greet } from "./greet.ts";

/** Whom a client trusts to be the server. */
export type Trust =
  /** The one whose certificate has this SHA-256 fingerprint: 64 hexadecimal digits. */
  | { fingerprint: string }
  /** Those whose certificate an authority in this PEM file has signed. */
  | { caFile: string }
  /** Anybody, also an impostor. */
  | { insecure: true };

/** Options of {@linkcode connect}. */
export type ConnectOptions = Trust & {
  /** One server or several, as `HOST:PORT` or taken apart; they are tried in turn. */
  server: Servers;
  /** The servers' access token. */
  token: string;
  /** Gives up. */
  signal?: AbortSignal;
  /** How long to try one server, in milliseconds; 10 seconds by default. */
  timeoutMs?: number;
  /** Name and version of the program, for the server's log. */
  agent?: string;
};

const DEFAULT_TIMEOUT_MS = 10_000;

const SETTINGS = {
  idleTimeoutMs: 30_000,
  keepAliveIntervalMs: 10_000,
  peerBidiStreamCount: 0,
  peerUnidiStreamCount: 0,
  connFlowControlWindow: 64 * 1024 * 1024,
  streamRecvWindow: 16 * 1024 * 1024,
} as const;

/**
 * Connects to a server and says hello.
 *
 * @throws {ConnectError} The server cannot be reached, or is not the one that is trusted.
 * @throws {ConnectTimeoutError} It does not answer in time.
 * @throws {NoServerError} None of several servers can be reached.
 * @throws {RemoteError} The server refuses the token: `wrong-token`.
 * @throws {AddressError | NameResolutionError | FingerprintError} What was given makes no sense.
 */
export async function connect(options: ConnectOptions): Promise<Client> {
  const servers = parseServers(options.server);
  const credential = credentialOf(options);
  await using stack = new AsyncDisposableStack();
  const library = stack.use(Library.open());
  const registration = stack.use(new Registration(library));
  const configuration = stack.use(
    new Configuration(registration, { alpn: [ALPN], settings: SETTINGS, credential }),
  );
  const { connection, hello, server } = await connectToAny(
    servers,
    (address) => connectTo(address, registration, configuration, options),
  );
  stack.use(connection);
  return new Client({ connection, hello, server: formatAddress(server), resources: stack.move() });
}

function credentialOf(trust: Trust): Credential {
  if ("fingerprint" in trust) {
    return { role: "client", fingerprint: normalizeFingerprint(trust.fingerprint) };
  }
  if ("caFile" in trust) return { role: "client", caFile: trust.caFile };
  return { role: "client", insecure: true };
}

/** Takes the first server that can be reached; a server that refuses ends the search. */
async function connectToAny<Result>(
  servers: readonly Address[],
  connectToOne: (server: Address) => Promise<Result>,
): Promise<Result & { server: Address }> {
  const failures: Error[] = [];
  for (const server of servers) {
    try {
      return { ...await connectToOne(server), server };
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      failures.push(error);
    }
  }
  const [first] = failures;
  const reasons = new Set(failures.map((failure) => failure.message));
  if (first !== undefined && reasons.size === 1) throw first;
  throw new NoServerError(`No server answers: ${[...reasons].join("; ")}`, failures);
}

const UNREACHABLE_CODES: ReadonlySet<string> = new Set([
  "connect-failed",
  "connect-timeout",
  "connection-refused",
  "unreachable",
]);

/** Whether another server may do better. */
function isUnreachable(error: unknown): error is Error {
  if (error instanceof ConnectError) return UNREACHABLE_CODES.has(error.code);
  if (error instanceof RemoteError) return error.code === "shutting-down";
  return error instanceof ConnectTimeoutError || error instanceof NameResolutionError ||
    error instanceof NoServerError;
}

/** Connects to one server, whichever of its addresses answers first in the system's order. */
async function connectTo(
  server: Address,
  registration: Registration,
  configuration: Configuration,
  options: ConnectOptions,
) {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, token, agent } = options;
  const name = formatAddress(server);
  using deadline = new Deadline(
    timeoutMs,
    () => new ConnectTimeoutError(`Cannot connect to ${name}: no answer within ${timeoutMs} ms`),
    options.signal,
  );
  const { signal } = deadline;
  const serverName = isLiteral(server.hostname) ? {} : { serverName: server.hostname };
  const found = await connectToAny(await resolveAddress(server, signal), async (address) => ({
    connection: await Connection.connect(registration, {
      configuration,
      server: address,
      ...serverName,
      signal,
    }),
  }));
  try {
    return { ...found, hello: await greet(found.connection, { token, agent }, signal) };
  } catch (error) {
    await found.connection.close(ApplicationError.cancelled);
    throw error;
  }
}
