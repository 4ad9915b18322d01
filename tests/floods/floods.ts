import { createSocket } from "node:dgram";
import { once } from "node:events";
import { delay, settlesWithin } from "../../base/mod.ts";
import { encodeMessage, MessageType } from "../../protocol/mod.ts";
import { ClientConnection } from "../worker/client_connection.ts";

const { hello, ping, echo } = MessageType;

/** How long an attempt that has failed keeps from the next one, in milliseconds: a flood does not wait for long. */
const PAUSE_MS = 5;

/** How long a connection is held that says nothing, in milliseconds: for longer than servers bear it. */
const SILENCE_MS = 8000;

const MOMENT_MS = 1000;

/** Who is flooded. */
export interface FloodTarget {
  readonly port: number;
  readonly token: string;
  readonly fingerprint: string;
}

/** Something that a client without manners does, for as long as it may. */
export interface Flood {
  readonly name: string;
  readonly what: string;
  /** Does it until the signal aborts; never rejects. */
  run(target: FloodTarget, signal: AbortSignal): Promise<void>;
}

function open({ port, fingerprint }: FloodTarget, streams = 0): Promise<ClientConnection> {
  const address = { hostname: "127.0.0.1", port };
  return ClientConnection.open({ address }, fingerprint, { peerBidiStreamCount: streams });
}

async function openAndGreet(target: FloodTarget): Promise<ClientConnection> {
  const client = await open(target);
  await client.request(hello, { token: target.token });
  return client;
}

/** Does something again and again, so many at once. */
async function again(
  signal: AbortSignal,
  atOnce: number,
  once: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (!signal.aborted) {
      try {
        await once(signal);
      } catch {
        await delay(PAUSE_MS);
      }
    }
  }));
}

/** The same on one connection, which is made anew where the server ends it. */
function onConnection(
  atOnce: number,
  once: (client: ClientConnection) => Promise<void>,
): Flood["run"] {
  return (target, signal) =>
    again(signal, 1, async () => {
      await using client = await openAndGreet(target);
      const over = new AbortController();
      void client.connection.ended.then(() => over.abort());
      const either = AbortSignal.any([signal, over.signal]);
      await again(either, atOnce, () => once(client));
    });
}

/** Holds connections that say this, and no more. */
function holding(atOnce: number, bytes: Uint8Array): Flood["run"] {
  return (target, signal) =>
    again(signal, atOnce, async () => {
      await using client = await open(target);
      if (bytes.length > 0) await client.send(bytes, { fin: false });
      const { promise: stopped, resolve } = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => resolve(), { once: true });
      if (signal.aborted) return;
      await settlesWithin(Promise.race([client.connection.ended, stopped]), SILENCE_MS);
    });
}

const MEBIBYTE = new Uint8Array(2 ** 20);

/** Everything that can be too much. */
export const FLOODS: readonly Flood[] = [
  {
    name: "requests",
    what: "pings, 200 at a time, whatever the answers say",
    run: onConnection(200, async (client) => void await client.request(ping, {})),
  },
  {
    name: "streams",
    what: "streams that are reset as soon as they are open",
    run: onConnection(100, async (client) => {
      const stream = await client.send(encodeMessage({ type: ping, body: {} }), { fin: false });
      stream.abort(5);
      await settlesWithin(stream.close(), MOMENT_MS);
    }),
  },
  {
    name: "bytes",
    what: "8 streams that send and take back all there is room for",
    run: onConnection(8, async (client) => void await client.request(echo, {}, MEBIBYTE)),
  },
  {
    name: "connections",
    what: "connections, 16 at a time, with the right token",
    run: (target, signal) =>
      again(signal, 16, async () => {
        await using _client = await openAndGreet(target);
      }),
  },
  {
    name: "wrong tokens",
    what: "connections, 16 at a time, with a wrong token",
    run: (target, signal) =>
      again(signal, 16, async () => {
        await using client = await open(target);
        await client.request(hello, { token: "wrong" });
      }),
  },
  {
    name: "silence",
    what: "connections that say nothing, 1,000 at a time",
    run: holding(1000, new Uint8Array()),
  },
  {
    name: "slow hello",
    what: "connections that begin with a hello, 1,000 at a time",
    run: holding(1000, encodeMessage({ type: hello, body: { token: "?" } }).subarray(0, 9)),
  },
  { name: "garbage", what: "datagrams with random bytes, some like packets of QUIC", run: garbage },
];

/** How many datagrams are sent in a turn. */
const VOLLEY = 200;

const DATAGRAM_BYTES = 1200;

async function garbage({ port }: FloodTarget, signal: AbortSignal): Promise<void> {
  const socket = createSocket("udp4");
  socket.on("error", () => {});
  socket.bind({ address: "127.0.0.1", port: 0 });
  await once(socket, "listening");
  const bytes = new Uint8Array(DATAGRAM_BYTES);
  while (!signal.aborted) {
    const { promise: sent, resolve } = Promise.withResolvers<void>();
    for (let count = 1; count <= VOLLEY; count++) {
      crypto.getRandomValues(bytes);
      if (count % 2 === 0) bytes.set([0xc0, 0, 0, 0, 1, 8]); // as an Initial packet begins
      socket.send(bytes.slice(), port, "127.0.0.1", () => count === VOLLEY && resolve());
    }
    await settlesWithin(sent, MOMENT_MS);
    await delay(0);
  }
  const closed = once(socket, "close");
  socket.close();
  await closed;
}
