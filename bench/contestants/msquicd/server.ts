import { randomBytes } from "node:crypto";
import { builtinHandlers, HandlerRegistry } from "../../../handlers/messages/mod.ts";
import { CounterBlock } from "../../../ipc/mod.ts";
import { configureLogging } from "../../../log/mod.ts";
import { openStorageRoot } from "../../../transfer/mod.ts";
import { Server, uploadOwner } from "../../../worker/mod.ts";
import type { BenchServer, ServerSetup } from "../contestant.ts";
import { BENCH_HANDLERS } from "./handlers.ts";

/** What a worker's counters take at most; theirs are in shared memory. */
const COUNTER_BYTES = 1024;

/** Starts what a worker process runs, with the benchmarks' handlers beside the built-in ones. */
export async function startServer(setup: ServerSetup): Promise<BenchServer> {
  configureLogging({ level: "warning", format: "pretty", label: "bench" });
  const { certificateFile, privateKeyFile, root } = setup;
  const storage = await openStorageRoot(root);
  const token = setup.token ?? randomBytes(16).toString("hex");
  const server = await Server.start({
    address: { hostname: "127.0.0.1", port: 0 },
    certificateFile,
    privateKeyFile,
    token,
    storage: { ...storage, owner: uploadOwner() },
    handlers: new HandlerRegistry([...builtinHandlers(), ...BENCH_HANDLERS]),
    requestLimits: { deadlineMs: 3_600_000, perSession: 100_000, perType: 1_000_000 },
    counters: new CounterBlock(new ArrayBuffer(COUNTER_BYTES), 0),
  });
  return {
    port: server.address.port,
    token,
    [Symbol.asyncDispose]: () => server.close(),
  };
}
