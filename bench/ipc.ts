/** Messages of 128 bytes between two Deno processes: over a segment, and over a Unix socket. */
import { fileURLToPath } from "node:url";
import { delay } from "../base/mod.ts";
import { Segment, segmentName } from "../ipc/mod.ts";
import { MESSAGE_BYTES, readMessages } from "./ipc_messages.ts";

export interface IpcResult {
  /** One message there and back, again and again without a pause. */
  roundTripP50Us: number;
  /** The same with a pause in between that puts both processes to sleep. */
  roundTripAsleepP50Us: number;
  oneWayPerSecond: number;
  unixRoundTripP50Us: number;
  unixRoundTripAsleepP50Us: number;
  unixOneWayPerSecond: number;
}

/** One way of talking to the other process. */
interface Link extends AsyncDisposable {
  send(message: Uint8Array): Promise<unknown>;
  /** Resolves with the next answer. */
  answer(): Promise<void>;
}

type Transport = (mode: string[]) => Link | Promise<Link>;

const PEER = fileURLToPath(new URL("./ipc_peer.ts", import.meta.url));
const ROUNDS = { warmUp: 2000, measured: 20_000, asleep: 300 } as const;
const ONE_WAY_MESSAGES = 500_000;
const PAUSE_MS = 2;

/**
 * Measures for some ten seconds. Not on Windows, which has no Unix sockets in Deno.
 *
 * @param signal Ends it.
 */
export async function benchIpc(signal?: AbortSignal): Promise<IpcResult> {
  return {
    roundTripP50Us: await roundTrip(segmentLink, ROUNDS.measured, 0, signal),
    roundTripAsleepP50Us: await roundTrip(segmentLink, ROUNDS.asleep, PAUSE_MS, signal),
    oneWayPerSecond: await oneWay(segmentLink, signal),
    unixRoundTripP50Us: await roundTrip(unixLink, ROUNDS.measured, 0, signal),
    unixRoundTripAsleepP50Us: await roundTrip(unixLink, ROUNDS.asleep, PAUSE_MS, signal),
    unixOneWayPerSecond: await oneWay(unixLink, signal),
  };
}

async function roundTrip(
  transport: Transport,
  rounds: number,
  pauseMs: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  await using link = await transport(["echo"]);
  const message = new Uint8Array(MESSAGE_BYTES);
  const times = new Float64Array(rounds);
  for (let round = -ROUNDS.warmUp; round < rounds; round++) {
    if (pauseMs > 0 && round >= 0) await delay(pauseMs);
    const start = performance.now();
    await link.send(message);
    await link.answer();
    if (round >= 0) times[round] = performance.now() - start;
    signal?.throwIfAborted();
  }
  return 1000 * times.sort()[rounds >> 1]!;
}

async function oneWay(transport: Transport, signal: AbortSignal | undefined): Promise<number> {
  await using link = await transport(["drain", String(ONE_WAY_MESSAGES)]);
  const message = new Uint8Array(MESSAGE_BYTES);
  const seconds: number[] = [];
  for (let run = 0; run < 2; run++) { // the first warms up
    const start = performance.now();
    for (let i = 0; i < ONE_WAY_MESSAGES; i++) await link.send(message);
    await link.answer();
    signal?.throwIfAborted();
    seconds.push((performance.now() - start) / 1000);
  }
  return ONE_WAY_MESSAGES / seconds.at(-1)!;
}

function segmentLink(mode: string[]): Link {
  const segment = Segment.create({
    name: segmentName("bench", 0),
    generation: 0,
  });
  const peer = spawnPeer("segment", segment.name, mode);
  const records = segment.channel.records();
  return {
    send: (message) => segment.channel.send(message),
    answer: async () => void await records.next(),
    async [Symbol.asyncDispose]() {
      await segment.channel.send(new Uint8Array(1)); // of another length: the end
      await peer.status;
      await segment[Symbol.asyncDispose]();
      segment.unlink();
    },
  };
}

async function unixLink(mode: string[]): Promise<Link> {
  const directory = await Deno.makeTempDir({ prefix: "msquicd-bench-" });
  const path = `${directory}/socket`;
  using listener = Deno.listen({ transport: "unix", path });
  const peer = spawnPeer("unix", path, mode);
  const connection = await listener.accept();
  const answers = readMessages(connection);
  return {
    send: (message) => connection.write(message),
    answer: async () => void await answers.next(),
    async [Symbol.asyncDispose]() {
      connection.close();
      await peer.status;
      await Deno.remove(directory, { recursive: true });
    },
  };
}

function spawnPeer(transport: string, address: string, mode: string[]): Deno.ChildProcess {
  const args = ["run", "-A", "--no-check", PEER, transport, address, ...mode];
  return new Deno.Command(Deno.execPath(), { args }).spawn();
}

if (import.meta.main) console.table(await benchIpc());
