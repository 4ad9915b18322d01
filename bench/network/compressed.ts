import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { COMPRESSION_MODES, type CompressionMode } from "../../base/mod.ts";
import { connect } from "../../client/mod.ts";
import { programFile } from "../../program_files.ts";
import type { BenchContext, Row } from "../context.ts";
import { startServer } from "../contestants/start.ts";
import type { Entry, Line } from "../line.ts";
import type { ServerReady } from "../server_process.ts";
import { openNetwork } from "./open_network.ts";
import type { Path } from "./paths.ts";

const PATH: Path = { name: "", title: "", rttMs: 50, rateMbit: 60, queueMs: 50 };

const SIZE = 50 * 1024 * 1024;

/** Documents that the text is made of: as they are, one behind the other, again and again. */
const DOCUMENTS = ["architecture", "configuration", "performance", "protocol", "security"];

/** What the files are made of. */
const KINDS = { text: "text", random: "random bytes" } as const;

/** How fast files go over a path of 60 Mbit/s with each way to compress, in bits of the files. */
export const compressed: Row = {
  name: "compressed",
  apart: true,
  async run(context) {
    const lines: Line[] = [];
    for (const way of ["put", "get"] as const) {
      for (const kind of ["text", "random"] as const) {
        lines.push(await measureLine(way, kind, context));
      }
    }
    return lines;
  },
};

async function measureLine(
  way: "put" | "get",
  kind: keyof typeof KINDS,
  context: BenchContext,
): Promise<Line> {
  const title = `${way} of ${KINDS[kind]}, 60 Mbit/s, 50 ms`;
  const entries = COMPRESSION_MODES.map((mode) => ({ mode, rounds: [] as number[] }));
  try {
    for (let round = 0; round < context.options.rounds; round++) {
      for (const { mode, rounds } of entries) rounds.push(await measure(way, kind, mode, context));
    }
  } catch (error) {
    context.signal.throwIfAborted();
    context.skip(title, error);
  }
  return {
    ...{ name: `compressed-${way}-${kind}`, title, unit: "Mbit/s", better: "more" },
    entries: entries.map(({ mode, rounds }): Entry => ({ who: `--compress ${mode}`, rounds })),
  };
}

async function measure(
  way: "put" | "get",
  kind: keyof typeof KINDS,
  compress: CompressionMode,
  context: BenchContext,
): Promise<number> {
  await using resources = new AsyncDisposableStack();
  const { certificate, signal } = context;
  const directory = await Deno.makeTempDir({ dir: context.directory });
  const root = await Deno.makeTempDir({ dir: directory });
  const source = way === "put" ? join(directory, "source") : join(root, "source");
  await Deno.writeFile(source, kind === "text" ? await text(SIZE) : randomBytes(SIZE));
  const server = resources.use(await startServer("msquicd", { ...certificate, root }, signal));
  const { port, token } = server.ready as ServerReady;
  const network = await openNetwork([port], PATH, context, resources);
  const { fingerprint } = certificate;
  const address = `127.0.0.1:${network.port}`;
  const client = resources.use(await connect({ server: address, token, fingerprint, compress }));
  const { ms } = way === "put"
    ? await client.put(source, "copy", { signal })
    : await client.get("source", join(directory, "copy"), { signal });
  await Deno.remove(directory, { recursive: true });
  return SIZE * 8 / ms / 1000;
}

async function text(length: number): Promise<Uint8Array> {
  const paths = DOCUMENTS.map((name) => programFile(`docs/${name}.md`));
  const documents = await Promise.all(paths.map((path) => Deno.readFile(path)));
  const bytes = new Uint8Array(length);
  for (let at = 0, next = 0; at < length; next++) {
    const document = documents[next % documents.length]!.subarray(0, length - at);
    bytes.set(document, at);
    at += document.length;
  }
  return bytes;
}
