import { availableParallelism } from "node:os";
import type { BenchContext } from "../context.ts";
import { startServer } from "../contestants/start.ts";
import type { ServerReady } from "../server_process.ts";
import { LimitServer } from "./server.ts";

/** Servers of one kind, to be loaded as one. */
export interface LoadedServer {
  ports: readonly number[];
  token: string;
  pids: readonly number[];
}

/** The kinds that there are. */
export const SERVER_KINDS = {
  worker: "msquicd",
  workers: "msquicd, a worker per core",
  limit: "limit",
  limitOwnThreads: "limit, own threads",
} as const;

/** One of the keys of {@linkcode SERVER_KINDS}. */
export type ServerKind = keyof typeof SERVER_KINDS;

/** Starts a server, or several. `resources` end them. */
export async function startLoadedServer(
  kind: ServerKind,
  context: BenchContext,
  resources: AsyncDisposableStack,
): Promise<LoadedServer> {
  switch (kind) {
    case "worker":
      return await startWorkers(1, context, resources);
    case "workers":
      return await startWorkers(availableParallelism(), context, resources);
    case "limit":
    case "limitOwnThreads": {
      const threads = kind === "limit" ? "one" : "own";
      const { port, pid } = resources.use(await LimitServer.start(threads, context.certificate));
      return { ports: [port], token: "", pids: [pid] };
    }
  }
}

async function startWorkers(
  count: number,
  { directory, certificate, signal }: BenchContext,
  resources: AsyncDisposableStack,
): Promise<LoadedServer> {
  // As a manager has it: all workers take the same token.
  const token = crypto.getRandomValues(new Uint8Array(16)).toHex();
  const root = await Deno.makeTempDir({ dir: directory });
  const ports: number[] = [];
  const pids: number[] = [];
  for (let i = 0; i < count; i++) {
    const setup = { ...certificate, root, token };
    const server = resources.use(await startServer("msquicd", setup, signal));
    ports.push((server.ready as ServerReady).port);
    pids.push(server.pid);
  }
  return { ports, token, pids };
}
