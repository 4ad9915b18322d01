import { join } from "node:path";
import type { BenchContext, Row } from "./context.ts";
import { Instance } from "./instance.ts";
import type { Line } from "./line.ts";
import { openNetwork } from "./network/open_network.ts";
import type { Path } from "./network/paths.ts";
import { type SideOptions, takeTurns } from "./sides.ts";
import { sourceFile } from "./source_file.ts";

/** Over how many connections, each to a worker of its own, against one. */
const SIDES = [
  { who: "two workers", streams: 2 },
  { who: "one worker", streams: 1 },
] as const;

/** What `put --json` and `get --json` print of a file, as far as it matters here. */
interface Told {
  ms: number;
}

type Way = "put" | "get";

/** One large file over two workers, next to one, on this machine. */
export const striped: Row = {
  name: "striped",
  run: (context) => lines("striped", undefined, context.options.sizes.file, context),
};

/** The same through networks that lose packets; only measured if it is asked for. */
export const stripedNetwork: Row = {
  name: "network-striped",
  apart: true,
  async run(context) {
    const all: Line[] = [];
    for (const path of LOSSY) {
      const { rateMbit } = path;
      const bytes = Math.round(rateMbit * context.options.network.seconds / 8) * 1_000_000;
      all.push(...await lines(`network-striped-${path.name}`, path, bytes, context));
    }
    return all;
  },
};

const LOSSY: readonly Path[] = [
  { name: "50ms-0", title: "50 ms, 0 %", rttMs: 50, rateMbit: 500, queueMs: 50 },
  { name: "50ms-1", title: "50 ms, 1 %", rttMs: 50, loss: 1, rateMbit: 500, queueMs: 50 },
  { name: "20ms-2", title: "20 ms, 2 %", rttMs: 20, loss: 2, rateMbit: 200, queueMs: 20 },
];

async function lines(
  name: string,
  path: Path | undefined,
  bytes: number,
  context: BenchContext,
): Promise<Line[]> {
  const source = await sourceFile(context.directory, bytes);
  const made: Line[] = [];
  for (const way of ["put", "get"] as const) {
    const sides = SIDES.map(({ who, streams }) =>
      side({ who, streams, way, source, bytes, path }, context)
    );
    const entries = await takeTurns(`${name}-${way}`, sides, context);
    const where = path === undefined ? "on this machine" : `through ${path.title}`;
    const title = `${way} of ${Math.round(bytes / 2 ** 20)} MiB ${where}`;
    made.push({ name: `${name}-${way}`, title, unit: "Gbit/s", better: "more", entries });
  }
  return made;
}

/** One of the two that take turns. */
interface Side {
  readonly who: string;
  readonly streams: number;
  readonly way: Way;
  readonly source: string;
  readonly bytes: number;
  readonly path: Path | undefined;
}

function side(
  { who, streams, way, source, bytes, path }: Side,
  context: BenchContext,
): SideOptions {
  return {
    who,
    async open(resources) {
      const own = await Deno.makeTempDir({ dir: context.directory });
      const instance = resources.use(await Instance.start(own, context.signal));
      const flags = [
        "--streams",
        `${streams}`,
        ...await serverFlags(instance, path, context, resources),
      ];
      const stored = join(own, "storage", "big.bin");
      const fetched = join(own, "fetched.bin");
      if (way === "get") await instance.run("put", source, "--to", "big.bin");
      return {
        async round() {
          const [told] = way === "put"
            ? await instance.ask<Told[]>("put", source, "--to", "big.bin", ...flags)
            : await instance.ask<Told[]>("get", "big.bin", "-o", fetched, ...flags);
          await Deno.remove(way === "put" ? stored : fetched);
          return { value: bytes * 8 / 1e6 / (told?.ms ?? NaN) };
        },
      };
    },
  };
}

/** Where the workers are: behind a network, if there is one. */
async function serverFlags(
  instance: Instance,
  path: Path | undefined,
  context: BenchContext,
  resources: AsyncDisposableStack,
): Promise<string[]> {
  if (path === undefined) return [];
  const network = await openNetwork(instance.ports.slice(0, 2), path, context, resources);
  const { token, fingerprint } = await instance.access();
  const server = network.ports.map((port) => `127.0.0.1:${port}`).join(",");
  return ["--server", server, "--token", token, "--fingerprint", fingerprint];
}
