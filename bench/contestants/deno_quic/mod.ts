/** Deno's own QUIC at both ends, with the simplest protocol that does the same jobs; see `wire.ts`. */
import type { Contestant } from "../contestant.ts";
import { openClient } from "./client.ts";
import { startServer } from "./server.ts";

export const denoQuic: Contestant = { startServer, openClient };
