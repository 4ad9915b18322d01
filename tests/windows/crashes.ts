import assert from "node:assert/strict";
import { names, waitFor } from "../e2e/harness.ts";
import { Server } from "./server.ts";
import type { Stage } from "./stage.ts";
import { seconds } from "./transcript.ts";

/** A file that takes much longer to send than to kill whoever receives it; a hole, for the most part. */
const LARGE = 8 * 2 ** 30;

/** Within this time a worker must have left that has lost its manager, in milliseconds. */
const LEAVE_MS = 2000;

/** How long a look at the list of processes may take on top, in milliseconds. */
const LOOK_MS = 1000;

/** What msquicd does when its processes are killed. */
export async function crashes(stage: Stage): Promise<void> {
  const { transcript, windows, site } = stage;
  const server = await Server.start(windows, site, "crash");
  await transcript.check("kill of a worker during a put", () => killWorker(stage, server));
  await transcript.check("kill of the manager", () => killManager(stage, server));
  await transcript.check("a new manager on the same ports", () => startAgain(stage, server));
}

async function killWorker({ site, tools, windows }: Stage, server: Server): Promise<string> {
  const [victim, other] = server.report.workers;
  assert.ok(victim && other);
  const large = site.path("large");
  await Deno.writeFile(large, new Uint8Array(1));
  await Deno.truncate(large, LARGE);
  const put = server.spawn(windows, "put", windows.theirs(large), "--to", "large");
  await waitFor("the upload is under way", () => names(server.uploads).length === 1);
  await tools.kill(victim.pid);
  const killed = performance.now();
  const again = await waitFor("the worker is back", async () => {
    const { workers } = await server.status();
    const [worker] = workers;
    return worker?.state === "ready" && worker.pid !== victim.pid && worker;
  });
  const took = performance.now() - killed;
  assert.equal(again.restarts, 1);
  const { code } = await put.finished;
  assert.equal(code, 5);
  assert.equal((await server.status()).workers[1]?.pid, other.pid);
  assert.deepEqual(names(server.uploads), []);
  assert.deepEqual(names(server.root), [".msquicd"]);
  await Deno.remove(large);
  return `ready again after ${
    seconds(took)
  }; the client failed with code 5; no part of its file is left`;
}

async function killManager({ tools }: Stage, server: Server): Promise<string> {
  const { workers } = await server.status();
  const pids = workers.map(({ pid }) => pid);
  await tools.kill(server.report.pid);
  const killed = performance.now();
  await waitFor(
    "the workers have left",
    async () => (await tools.alive(pids)).length === 0,
    LEAVE_MS + LOOK_MS,
  );
  const took = performance.now() - killed;
  assert.equal((await server.spawn(server.side, "status").finished).code, 3);
  return `three workers gone after at most ${seconds(took)}`;
}

async function startAgain(stage: Stage, killed: Server): Promise<string> {
  const { site, tools, windows } = stage;
  const server = await Server.start(windows, site, "crash", killed.report.ports);
  assert.equal(server.report.fingerprint, killed.report.fingerprint);
  await server.json(windows, "ping", "-n", "1");
  await server.shutdown();
  assert.deepEqual(await tools.alive(server.pids), []);
  server.assertTidy();
  return "same certificate; shutdown leaves nothing";
}
