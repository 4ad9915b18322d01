/** A contestant's server, as a process of its own. */
import { type DenoContestantName, loadContestant, type ServerSetup } from "./contestants/mod.ts";
import { play } from "./peer_role.ts";

export interface ServerProcessSetup extends ServerSetup {
  contestant: DenoContestantName;
}

/** What it tells when it is ready. */
export interface ServerReady {
  port: number;
  token: string;
}

await play<ServerProcessSetup>(async (setup, resources) => {
  const contestant = await loadContestant(setup.contestant);
  const { port, token } = resources.use(await contestant.startServer(setup));
  const ready: ServerReady = { port, token };
  return { ready, answer: () => Promise.reject(new TypeError("Servers are asked nothing")) };
});
Deno.exit();
