import { join } from "node:path";
import type { BenchClient } from "./contestants/mod.ts";
import { median } from "./statistics.ts";

/** Where and how much a job is to do. */
export interface JobSetup {
  /** Bytes to move in a round. */
  bytes: number;
  /** The file to store; a job that fetches it finds it on the server under its name. */
  source: string;
  /** The directory in which the server keeps what it stores. */
  root: string;
  /** A directory for what is fetched. */
  scratch: string;
  /** Blocks of 1 MiB under way where bytes are sent from memory; 4 by default. */
  blocks?: number;
}

/** Does so many rounds as one, and tells the figure. */
export type Round = (rounds: number) => Promise<number>;

/** Prepares a job. */
export type Job = (client: BenchClient, setup: JobSetup) => Promise<Round>;

const CONNECTIONS = 16;
const IN_FLIGHT = 4;
const HANDSHAKES_IN_FLIGHT = 16;
/** How long a round takes of what is done for a time, in milliseconds. */
export const ROUND_MS = { requests: 2000, latency: 1000, handshakes: 1500 } as const;

/**
 * What clients can be asked to do: what is timed is the same for all contestants. Files are always moved
 * whole.
 */
export const JOBS = {
  ...{ upload, download, put, get, requests, latency, handshakes },
  ...{ firstUpload, firstPut },
} as const;

/** One of the keys of {@linkcode JOBS}. */
export type JobName = keyof typeof JOBS;

/** The name of the source on the server. */
export const SOURCE_NAME = "source.bin";

async function upload(client: BenchClient, { bytes, blocks }: JobSetup): Promise<Round> {
  const connection = await client.connect();
  return (rounds) => gigabits(bytes * rounds, () => connection.upload(bytes * rounds, blocks));
}

async function download(client: BenchClient, { bytes, blocks }: JobSetup): Promise<Round> {
  const connection = await client.connect();
  return (rounds) => gigabits(bytes * rounds, () => connection.download(bytes * rounds, blocks));
}

/** Milliseconds from nothing to bytes that the server has, on a connection of their own. */
function firstUpload(client: BenchClient, { bytes, blocks }: JobSetup): Promise<Round> {
  return Promise.resolve(() =>
    milliseconds(async () => await (await client.connect()).upload(bytes, blocks))
  );
}

/** Milliseconds from nothing to a file that is stored, on a connection of its own. */
function firstPut(client: BenchClient, setup: JobSetup): Promise<Round> {
  const name = "stored.bin";
  return Promise.resolve(async () => {
    const taken = await milliseconds(async () =>
      await (await client.openFiles()).put(setup.source, name)
    );
    await forget(join(setup.root, name));
    return taken;
  });
}

async function put(client: BenchClient, setup: JobSetup): Promise<Round> {
  const files = await client.openFiles();
  const name = "stored.bin";
  return async () => {
    const rate = await gigabits(setup.bytes, () => files.put(setup.source, name));
    await forget(join(setup.root, name));
    return rate;
  };
}

async function get(client: BenchClient, setup: JobSetup): Promise<Round> {
  const files = await client.openFiles();
  const path = join(setup.scratch, "fetched.bin");
  return async () => {
    const rate = await gigabits(setup.bytes, () => files.get(SOURCE_NAME, path));
    await forget(path);
    return rate;
  };
}

async function requests(client: BenchClient): Promise<Round> {
  const connections = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => client.connect()),
  );
  const slots = Array.from({ length: CONNECTIONS * IN_FLIGHT }, (_, slot) => slot);
  return (rounds) =>
    perSecond(
      ROUND_MS.requests * rounds,
      slots.map((slot) => () => connections[slot % CONNECTIONS]!.request()),
    );
}

function handshakes(client: BenchClient): Promise<Round> {
  const slots = Array.from({ length: HANDSHAKES_IN_FLIGHT }, () => () => client.handshake());
  return Promise.resolve((rounds) => perSecond(ROUND_MS.handshakes * rounds, slots));
}

async function latency(client: BenchClient): Promise<Round> {
  const connection = await client.connect();
  return async (rounds) => {
    const times: number[] = [];
    const end = performance.now() + ROUND_MS.latency * rounds;
    for (let start = performance.now(); start < end;) {
      await connection.request();
      const now = performance.now();
      times.push(1000 * (now - start));
      start = now;
    }
    return median(times);
  };
}

async function milliseconds(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Gbit/s of moving bytes. */
async function gigabits(bytes: number, move: () => Promise<void>): Promise<number> {
  return bytes * 8 / 1e6 / await milliseconds(move);
}

/** How often per second something is done, by several side by side, from the first's start to the last's end. */
async function perSecond(ms: number, slots: (() => Promise<void>)[]): Promise<number> {
  let count = 0;
  const start = performance.now();
  await Promise.all(slots.map(async (once) => {
    for (; performance.now() - start < ms; count++) await once();
  }));
  return count * 1000 / (performance.now() - start);
}

/** Removes a file at once, so that the system does not write it to the disk during the next round. */
async function forget(path: string): Promise<void> {
  await Deno.remove(path);
}
