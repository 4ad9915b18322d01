import { join } from "node:path";
import type { ClientProcessSetup, RoundQuestion } from "../client_process.ts";
import type { BenchContext } from "../context.ts";
import type { ContestantName } from "../contestants/mod.ts";
import { startClient, startServer } from "../contestants/start.ts";
import { SOURCE_NAME } from "../jobs.ts";
import type { Peer } from "../peer.ts";
import type { ServerReady } from "../server_process.ts";
import { sourceFile } from "../source_file.ts";
import { openNetwork } from "./open_network.ts";
import { blocksFor, type Path } from "./paths.ts";

/** In which amounts bytes are moved from memory to memory. */
const UNIT_BYTES = 256 * 1024;
const MEBIBYTE = 2 ** 20;

/** The first transfer's bytes, and by how much the next one may be longer. */
const FIRST_UNITS = 4;
const MOST_GROWTH = 6;
/** A transfer of this share of the wanted time is long enough. */
const LONG_ENOUGH = 0.6;

/** Where a rate is measured. */
export interface RateSetup {
  contestant: ContestantName;
  path: Path;
  /** How long a transfer is to take, about. */
  seconds: number;
  context: BenchContext;
}

/**
 * Mbit/s from memory to memory on one connection, of a transfer that is long enough; those before it find
 * out how many bytes that are, and leave slow start behind.
 */
export async function memoryRate(setup: RateSetup, job: "upload" | "download"): Promise<number> {
  await using resources = new AsyncDisposableStack();
  const { path, seconds } = setup;
  const parts = { job, bytes: UNIT_BYTES, source: "", blocks: blocksFor(path) };
  const { client } = await openClient(setup, parts, resources);
  for (let units = FIRST_UNITS;;) {
    const question: RoundQuestion = { rounds: units };
    const gigabits = Number(await client.ask(question));
    const taken = units * UNIT_BYTES * 8 / 1e9 / gigabits;
    if (taken >= LONG_ENOUGH * seconds) return 1000 * gigabits;
    units = Math.ceil(units * Math.min(MOST_GROWTH, seconds / taken));
  }
}

/** Mbit/s from file to file, on a connection that has just been made; `expected` is about how many. */
export async function fileRate(
  setup: RateSetup,
  job: "put" | "get",
  expected: number,
): Promise<number> {
  const { seconds, context: { directory } } = setup;
  const bytes = MEBIBYTE * Math.max(1, Math.round(expected * seconds * 125_000 / MEBIBYTE));
  const source = await sourceFile(directory, bytes);
  await using resources = new AsyncDisposableStack();
  resources.defer(() => Deno.remove(source));
  const { client } = await openClient(setup, { job, bytes, source }, resources);
  const question: RoundQuestion = { rounds: 1 };
  return 1000 * Number(await client.ask(question));
}

/** Starts a server, the network before it, and a client that knows only the network. */
export async function openClient(
  { contestant, path, context }: Omit<RateSetup, "seconds">,
  parts: Pick<ClientProcessSetup, "job" | "bytes" | "source" | "blocks">,
  resources: AsyncDisposableStack,
): Promise<{ client: Peer }> {
  const { directory, certificate, signal } = context;
  const scratch = await Deno.makeTempDir({ dir: directory });
  resources.defer(() => Deno.remove(scratch, { recursive: true }));
  const root = join(scratch, "root");
  await Deno.mkdir(root);
  if (parts.job === "get") await Deno.link(parts.source, join(root, SOURCE_NAME));
  const server = resources.use(await startServer(contestant, { ...certificate, root }, signal));
  const { port, token } = server.ready as ServerReady;
  const network = await openNetwork([port], path, context, resources);
  const setup = { ...parts, root, scratch, target: { ...certificate, token, port: network.port } };
  return { client: resources.use(await startClient(contestant, setup, signal)) };
}
