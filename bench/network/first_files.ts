import { instanceName, msquicdCommand } from "../command.ts";
import type { BenchContext, Row } from "../context.ts";
import { CONTESTANTS } from "../contestants/mod.ts";
import { startServer } from "../contestants/start.ts";
import type { Entry, Line } from "../line.ts";
import type { ServerReady } from "../server_process.ts";
import { sourceFile } from "../source_file.ts";
import { median } from "../statistics.ts";
import { openClient } from "./contestant_rates.ts";
import { openNetwork } from "./open_network.ts";
import type { Path } from "./paths.ts";

const PATH: Path = { name: "", title: "", rttMs: 100, rateMbit: 500, queueMs: 100 };
const MEBIBYTE = 2 ** 20;

/** Files of so many MiB, and in how many milliseconds they are to be there. */
const FILES: readonly { size: number; bound?: number }[] = [{ size: 1, bound: 500 }, { size: 16 }];
/** Of commands: three and a half round trips. */
const COMMAND_BOUND = 350;

/** What each does that comes nearest to storing a file. */
const JOBS = { msquicd: "firstPut", deno: "firstPut", go: "firstUpload" } as const;

/** How long it takes at 100 ms of round trip from nothing to a file that is stored, or to an answer. */
export const firstFiles: Row = {
  name: "network-times",
  apart: true,
  async run(context) {
    const lines: Line[] = [];
    for (const file of FILES) lines.push(await fileLine(file, context));
    lines.push(...await commandLines(context));
    return lines;
  },
};

async function fileLine(
  { size, bound }: typeof FILES[number],
  context: BenchContext,
): Promise<Line> {
  const title = `${size} MiB on a new connection, at 100 ms`;
  const entries: Entry[] = [];
  for (const contestant of Object.keys(JOBS) as (keyof typeof JOBS)[]) {
    const entry: Entry = { who: CONTESTANTS[contestant], rounds: [] };
    entries.push(entry);
    try {
      const bytes = size * MEBIBYTE;
      const source = await sourceFile(context.directory, bytes);
      await using resources = new AsyncDisposableStack();
      const parts = { job: JOBS[contestant], bytes, source };
      const { client } = await openClient({ contestant, path: PATH, context }, parts, resources);
      for (let round = 0; round <= context.options.rounds; round++) {
        const taken = Number(await client.ask({ rounds: 1 }));
        if (round > 0) entry.rounds.push(taken);
      }
    } catch (error) {
      context.signal.throwIfAborted();
      context.skip(`${entry.who}: ${title}`, error);
    }
  }
  const line = { name: `network-times-${size}`, title, unit: "ms", better: "less" } as const;
  return { ...line, ...(bound === undefined ? {} : { bound }), entries };
}

/** What commands take beside what they take without a network between. */
async function commandLines(context: BenchContext): Promise<Line[]> {
  await using resources = new AsyncDisposableStack();
  const { directory, certificate, signal, options: { rounds } } = context;
  const root = await Deno.makeTempDir({ dir: directory });
  const server = resources.use(await startServer("msquicd", { ...certificate, root }, signal));
  const { port, token } = server.ready as ServerReady;
  const network = await openNetwork([port], PATH, context, resources);
  const file = await sourceFile(directory, 1000);
  const commands = {
    ls: ["ls"],
    "put-1kB": ["put", file, "--to", "small", "--overwrite", "always"],
  };
  const lines: Line[] = [];
  for (const [name, command] of Object.entries(commands)) {
    const title = `${command[0]}${name === "ls" ? "" : " of 1 kB"} at 100 ms, beside its own time`;
    const entry: Entry = { who: "msquicd", rounds: [] };
    try {
      const run = (to: number) => runCommand(command, to, { token, context });
      const own: number[] = [];
      for (let round = 0; round <= rounds; round++) own.push(await run(port));
      for (let round = 0; round < rounds; round++) {
        entry.rounds.push(await run(network.port) - median(own.slice(1)));
      }
    } catch (error) {
      signal.throwIfAborted();
      context.skip(title, error);
    }
    const line = { name: `network-times-${name}`, title, unit: "ms", better: "less" } as const;
    lines.push({ ...line, bound: COMMAND_BOUND, entries: [entry] });
  }
  return lines;
}

async function runCommand(
  command: readonly string[],
  port: number,
  { token, context }: { token: string; context: BenchContext },
): Promise<number> {
  const { directory, certificate: { fingerprint } } = context;
  const access = ["--server", `127.0.0.1:${port}`, "--fingerprint", fingerprint, "--token", token];
  const start = performance.now();
  const { code } = await msquicdCommand([...command, ...access], {
    directory,
    instance: instanceName(),
  }).output();
  if (code !== 0) throw new Error(`msquicd ${command[0]} ended with code ${code}`);
  return performance.now() - start;
}
