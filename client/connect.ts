import {
  Deadline,
  DEFAULT_COMPRESSION,
  DEFAULT_CONGESTION_CONTROL,
  INITIAL_RTT_MS,
  INITIAL_WINDOW_PACKETS,
} from "../base/mod.ts";
import {
  type Address,
  Configuration,
  Connection,
  formatAddress,
  Library,
  NO_ANSWER_ADVICE,
  Registration,
} from "../ffi/mod.ts";
import { ALPN, ApplicationError, type HelloResponse } from "../protocol/mod.ts";
import { DEFAULT_IDLE_MS, DEFAULT_KEEP_ALIVE_MS, keepAliveWithin } from "../base/idle_times.ts";
import { USUAL_RETRY_MS } from "../base/usual_retry_ms.ts";
import { defaultTaskThreads } from "../base/task_threads.ts";
import { LatePool } from "../tasks/tasks.ts";
import { isLiteral, parseServers, resolveAddress } from "./address.ts";
import { Client } from "./client.ts";
import type { Compressing } from "./compressing.ts";
import {
  checkConnectOptions,
  type ConnectOptions,
  credentialOf,
  ownCertificateOf,
} from "./connect_options.ts";
import { ConnectTimeoutError } from "./errors.ts";
import { followLimit } from "./follow.ts";
import { firstConnection } from "./first_connection.ts";
import { greet } from "./greet.ts";
import { type IdleTimes, Link } from "./link.ts";
import { pacedWindow, Pacer } from "./pacer.ts";
import { interleave, race } from "./race.ts";
import { type Dial, Roaming } from "./roaming.ts";
import { Tickets } from "./tickets.ts";
import { isUnreachable, unreached } from "./unreached.ts";

const DEFAULT_TIMEOUT_MS = 10_000;

/** The most that waits here, in bytes, for the reader of one download. */
const STREAM_WINDOW_LIMIT = 64 * 1024 * 1024;

const SETTINGS = {
  // A server that has not acknowledged anything for so long is taken for lost.
  disconnectTimeoutMs: 3000,
  // A server opens one to say that it is going away.
  peerBidiStreamCount: 1,
  peerUnidiStreamCount: 0,
  streamRecvWindow: 16 * 1024 * 1024,
  streamRecvWindowLimit: STREAM_WINDOW_LIMIT,
  // Fifteen transfers whose readers have stopped may have full windows, and all else goes on.
  connFlowControlWindow: 16 * STREAM_WINDOW_LIMIT,
  initialWindowPackets: INITIAL_WINDOW_PACKETS,
  initialRttMs: INITIAL_RTT_MS,
  datagrams: true,
} as const;

/**
 * Connects to a server and says hello.
 *
 * @throws {ConnectError} The server cannot be reached, or is not the one that is trusted.
 * @throws {CredentialError} The file of authorities cannot be used.
 * @throws {ConnectTimeoutError} It does not answer in time.
 * @throws {NoServerError} None of several servers can be reached.
 * @throws {RemoteError} The server refuses the token: `wrong-token`.
 * @throws {InvalidOptionError} An option is unknown or cannot be used, or it is not said whom to trust.
 * @throws {AddressError | NameResolutionError | FingerprintError} What was given makes no sense.
 * @throws {FileNotFoundError | FilePermissionError} `caFile` cannot be read.
 */
export async function connect(options: ConnectOptions): Promise<Client> {
  checkConnectOptions(options);
  const servers = parseServers(options.server);
  const own = ownCertificateOf(options);
  const trust = await credentialOf(options);
  const credential = own === undefined ? trust : { ...trust, own };
  await using stack = new AsyncDisposableStack();
  const library = stack.use(Library.open());
  const registration = stack.use(new Registration(library));
  const { congestionControl = DEFAULT_CONGESTION_CONTROL, bytesPerSecond = 0 } = options;
  const pacer = bytesPerSecond > 0 ? new Pacer(bytesPerSecond) : undefined;
  const idle = idleTimes(options);
  const configuration = stack.use(
    new Configuration(registration, {
      alpn: [ALPN],
      settings: {
        ...SETTINGS,
        ...(pacer === undefined ? {} : windowsFor(pacer)),
        ...{ congestionControl, idleTimeoutMs: idle.idleTimeoutMs },
        keepAliveIntervalMs: idle.keepAliveMs,
      },
      credential,
    }),
  );
  const {
    timeoutMs = DEFAULT_TIMEOUT_MS,
    failover = true,
    spread = failover,
    retryForMs = USUAL_RETRY_MS,
    waitForServerMs = 0,
    onConnection,
    signal,
  } = options;
  const compressing = compressingOf(options, stack);
  const means = { registration, configuration, tickets: new Tickets(), pacer, compressing };
  const dial: Dial = async (address, limitMs, signal, onReached) => {
    const link = await connectTo(address, means, options, limitMs, signal);
    onReached?.(link);
    await link.greeted;
    return link;
  };
  const early = options.early === true && (servers.length === 1 || !failover);
  const closing = new AbortController();
  const givenUp = signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]);
  const reached = Promise.withResolvers<Link>();
  const arriving = firstConnection(
    () => connectToAny(servers, (address) => dial(address, timeoutMs, givenUp, reached.resolve)),
    {
      ...{ retryForMs: waitForServerMs, onConnection },
      ...{ limitMs: servers.length * timeoutMs, signal: givenUp },
    },
  );
  const first = await (early ? Promise.race([reached.promise, arriving]) : arriving);
  const followMs = followLimit(first.roundTripMs, timeoutMs);
  const link = servers.length > 1 && failover && spread
    ? await preferred(first, (address) => dial(address, followMs, givenUp))
    : first;
  const follows = servers.length === 1 && failover && spread;
  const parts = {
    ...{ link, servers, dial, timeoutMs, failover, retryForMs, onConnection },
    ...{ follows, movable: failover && spread },
  };
  const arrival = { link: arriving, giveUp: () => closing.abort() };
  const roaming = new Roaming(early ? { ...parts, arrival } : parts);
  return new Client({ roaming, resources: stack.move() });
}

/** Goes where the server would rather have the client, if that can be reached; once and no further. */
async function preferred(link: Link, dial: (server: Address) => Promise<Link>): Promise<Link> {
  const prefer = link.hello?.prefer;
  if (prefer === undefined) return link;
  try {
    const better = await dial({ hostname: link.address.hostname, port: prefer });
    link.retire();
    return better;
  } catch {
    return link; // it still serves
  }
}

/** How files are compressed; the threads for that are started when they are needed. */
function compressingOf(
  { compress: mode = DEFAULT_COMPRESSION }: ConnectOptions,
  resources: AsyncDisposableStack,
): Pick<Compressing, "mode" | "tasks"> | undefined {
  if (mode === "none") return undefined;
  const threads = defaultTaskThreads(navigator.hardwareConcurrency, 1);
  return { mode, tasks: resources.use(new LatePool({ threads })) };
}

/** How long connections may be idle, and when they ask for a sign of life. */
function idleTimes(
  { idleTimeoutMs = DEFAULT_IDLE_MS, keepAliveMs = DEFAULT_KEEP_ALIVE_MS }: ConnectOptions,
): IdleTimes {
  return { idleTimeoutMs, keepAliveMs: keepAliveWithin(keepAliveMs, idleTimeoutMs) };
}

/** Takes the first server that can be reached; a server that refuses ends the search. */
async function connectToAny<Result>(
  servers: readonly Address[],
  connectToOne: (server: Address) => Promise<Result>,
): Promise<Result> {
  const failures: Error[] = [];
  for (const server of servers) {
    try {
      return await connectToOne(server);
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      failures.push(error);
    }
  }
  throw unreached(failures);
}

/** What connections are made with. */
interface Means {
  registration: Registration;
  configuration: Configuration;
  tickets: Tickets;
  pacer: Pacer | undefined;
  compressing: Pick<Compressing, "mode" | "tasks"> | undefined;
}

/** Of streams that are read no faster than the client wants. */
function windowsFor({ bytesPerSecond }: Pacer) {
  const window = pacedWindow(bytesPerSecond, SETTINGS.streamRecvWindow);
  return { streamRecvWindow: window, streamRecvWindowLimit: window };
}

/** Connects to one server, at whichever of its addresses answers first, and sends the greeting. */
async function connectTo(
  server: Address,
  { registration, pacer, compressing, ...means }: Means,
  options: ConnectOptions,
  timeoutMs: number,
  outer: AbortSignal | undefined,
): Promise<Link> {
  const { token, agent } = options;
  let addresses: Address[] = [];
  let reached = false;
  const timeout = () => timeoutError(server, addresses, reached, timeoutMs);
  using cleanup = new DisposableStack();
  const { signal } = cleanup.use(new Deadline(timeoutMs, timeout, outer));
  const serverName = isLiteral(server.hostname) ? {} : { serverName: server.hostname };
  addresses = interleave(await resolveAddress(server, signal));
  const connection = await race(
    addresses,
    (address, signal) =>
      Connection.connect(registration, { ...means, server: address, ...serverName, signal }),
    { signal, discard: (late) => late.close(ApplicationError.cancelled) },
  );
  reached = true;
  const roundTripMs = connection.statistics().minRttUs / 1000;
  const hello = heed(greet(connection, { token, agent }, signal), connection, cleanup.move());
  const idle = idleTimes(options);
  return new Link({ connection, address: server, hello, roundTripMs, idle, pacer, compressing });
}

/** Ends the connection where the server does not want the client. */
async function heed(
  answer: Promise<HelloResponse>,
  connection: Connection,
  limit: DisposableStack,
): Promise<HelloResponse> {
  using _limit = limit;
  try {
    return await answer;
  } catch (error) {
    await connection.close(ApplicationError.cancelled);
    throw error;
  }
}

/**
 * @param addresses Those behind the server's name, if they are known.
 * @param reached Whether there is a connection.
 */
function timeoutError(
  server: Address,
  addresses: readonly Address[],
  reached: boolean,
  timeoutMs: number,
): ConnectTimeoutError {
  const found = addresses.map(({ hostname }) => hostname).filter((ip) => ip !== server.hostname);
  const from = found.length === 0 ? "" : ` from ${found.join(", ")}`;
  const advice = reached
    ? "it lets connect, but does not say hello: its log may say why"
    : NO_ANSWER_ADVICE;
  return new ConnectTimeoutError(
    `Cannot connect to ${
      formatAddress(server)
    }: no answer${from} within ${timeoutMs} ms; ${advice}`,
  );
}
