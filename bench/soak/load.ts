import { delay } from "../../base/mod.ts";
import { type Client, connect } from "../../client/mod.ts";
import type { Access } from "../instance.ts";

/** How much has been done. */
export interface Tally {
  requests: number;
  connects: number;
  uploads: number;
  uploadedBytes: number;
  failures: number;
}

/** What the load needs. */
export interface LoadSetup {
  ports: readonly number[];
  access: Access;
  /** A file to upload again and again, and its size in bytes. */
  source: { path: string; bytes: number };
  tally: Tally;
  /** Ends the load. */
  signal: AbortSignal;
  /** Told of what fails; the load goes on. */
  onFailure(error: unknown): void;
}

/** How many do each at the same time, on each worker. */
const CLIENTS_PER_WORKER = { requests: 4, uploads: 1, connects: 1 } as const;

const DATA = new Uint8Array(4000);

/** Holds the mixed load until it is told to end: uploads, requests, connects and disconnects. */
export async function holdLoad(setup: LoadSetup): Promise<void> {
  const jobs = { requests: request, uploads: upload, connects: reconnect } as const;
  const running = setup.ports.flatMap((port) =>
    (Object.keys(jobs) as (keyof typeof jobs)[]).flatMap((job) =>
      Array.from(
        { length: CLIENTS_PER_WORKER[job] },
        (_, i) => repeat(setup, () => jobs[job](setup, port, i)),
      )
    )
  );
  await Promise.all(running);
}

/** Does something again and again; what fails is counted, and tried again. */
async function repeat(setup: LoadSetup, once: () => Promise<void>): Promise<void> {
  while (!setup.signal.aborted) {
    try {
      await once();
    } catch (error) {
      if (setup.signal.aborted) return;
      setup.tally.failures++;
      setup.onFailure(error);
      await delay(1000);
    }
  }
}

/** One client that sends small requests of several kinds. */
async function request(setup: LoadSetup, port: number): Promise<void> {
  await using client = await open(setup, port);
  while (!setup.signal.aborted) {
    await client.ping();
    await client.echo({ text: "soak" }, DATA);
    setup.tally.requests += 2;
  }
}

/** One client that uploads a file, and removes it. */
async function upload(setup: LoadSetup, port: number, number: number): Promise<void> {
  const { source, signal, tally } = setup;
  await using client = await open(setup, port);
  const name = `soak/${port}-${number}.bin`;
  while (!signal.aborted) {
    await client.put(source.path, name, { overwrite: "always" });
    await client.remove(name);
    tally.uploads++;
    tally.uploadedBytes += source.bytes;
    tally.requests++;
  }
}

/** A client that comes, asks and goes. */
async function reconnect(setup: LoadSetup, port: number): Promise<void> {
  await using client = await open(setup, port);
  await client.ping();
  setup.tally.requests++;
}

async function open({ access, tally }: LoadSetup, port: number): Promise<Client> {
  const client = await connect({ server: `127.0.0.1:${port}`, ...access });
  tally.connects++;
  return client;
}
