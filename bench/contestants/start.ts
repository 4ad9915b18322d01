import type { ClientProcessSetup } from "../client_process.ts";
import { Peer } from "../peer.ts";
import type { ServerProcessSetup } from "../server_process.ts";
import type { ContestantName } from "./mod.ts";
import { buildQuicGo } from "./quic_go/build.ts";

const SERVER_PROCESS = new URL("../server_process.ts", import.meta.url);
const CLIENT_PROCESS = new URL("../client_process.ts", import.meta.url);

/** Starts a contestant's server as a process of its own; it is ready with a `ServerReady`. */
export async function startServer(
  contestant: ContestantName,
  setup: Omit<ServerProcessSetup, "contestant">,
  signal: AbortSignal,
): Promise<Peer> {
  if (contestant === "go") return await startQuicGo("server", setup, signal);
  const full: ServerProcessSetup = { ...setup, contestant };
  return await Peer.start(SERVER_PROCESS, full, signal);
}

/** Starts a contestant's client as a process of its own, which answers `RoundQuestion`s. */
export async function startClient(
  contestant: ContestantName,
  setup: Omit<ClientProcessSetup, "contestant">,
  signal: AbortSignal,
): Promise<Peer> {
  if (contestant === "go") return await startQuicGo("client", setup, signal);
  const full: ClientProcessSetup = { ...setup, contestant };
  return await Peer.start(CLIENT_PROCESS, full, signal);
}

async function startQuicGo(role: string, setup: unknown, signal: AbortSignal): Promise<Peer> {
  return await Peer.run(await buildQuicGo(), [role, JSON.stringify(setup)], signal);
}
