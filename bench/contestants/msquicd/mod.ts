/** msquicd's own server, with its sessions, its dispatch and its handlers, and its own client. */
import type { Contestant } from "../contestant.ts";
import { openClient } from "./client.ts";
import { startServer } from "./server.ts";

export const msquicd: Contestant = { startServer, openClient };
