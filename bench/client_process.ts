/** A contestant's client, as a process of its own, which is asked to do one job again and again. */
import { type DenoContestantName, loadContestant, type Target } from "./contestants/mod.ts";
import { type JobName, JOBS, type JobSetup } from "./jobs.ts";
import { play } from "./peer_role.ts";

export interface ClientProcessSetup extends JobSetup {
  contestant: DenoContestantName;
  target: Target;
  job: JobName;
}

/** Asks for a figure, in the job's unit. */
export interface RoundQuestion {
  /** How many rounds to take it over, as one; files are moved once in any case. */
  rounds: number;
}

await play<ClientProcessSetup>(async (setup, resources) => {
  const contestant = await loadContestant(setup.contestant);
  const client = resources.use(await contestant.openClient(setup.target));
  const run = await JOBS[setup.job](client, setup);
  return { ready: null, answer: (question) => run((question as RoundQuestion).rounds) };
});
Deno.exit();
