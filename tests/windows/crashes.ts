import assert from "node:assert/strict";
import { waitFor } from "../e2e/harness.ts";
import { LargeFile } from "./large_file.ts";
import { Server } from "./server.ts";
import type { Stage } from "./stage.ts";
import { mebibytes, seconds } from "./transcript.ts";

/** Within this time a worker must have left that has lost its manager, in milliseconds. */
const LEAVE_MS = 2000;

/** How long a look at the list of processes may take on top, in milliseconds. */
const LOOK_MS = 1000;

/** What msquicd does when its processes are killed. */
export async function crashes(stage: Stage): Promise<void> {
  const { transcript, windows, site } = stage;
  const server = await Server.start(windows, site, "crash");
  await transcript.check("kill of a worker during a put", () => killWorker(stage, server));
  await transcript.check("restart all --rolling during a put", () => roll(stage, server));
  await transcript.check("kill of the manager", () => killManager(stage, server));
  await transcript.check("a new manager on the same ports", () => startAgain(stage, server));
}

async function killWorker({ site, tools, windows }: Stage, server: Server): Promise<string> {
  const [victim, other] = server.report.workers;
  assert.ok(victim && other);
  const large = await LargeFile.make(site);
  const put = server.json<{ resumedFrom: number }[]>(windows, "put", windows.theirs(large.path));
  put.catch(() => {}); // of interest below
  await large.underWay(server);
  await tools.kill(victim.pid);
  const killed = performance.now();
  const again = await waitFor("the worker is back", async () => {
    const { workers } = await server.status();
    const [worker] = workers;
    return worker?.state === "ready" && worker.pid !== victim.pid && worker;
  });
  const took = performance.now() - killed;
  assert.equal(again.restarts, 1, server.running.stderr);
  const [stored] = await put;
  assert.ok(stored && stored.resumedFrom > 0, "It began anew");
  assert.equal((await server.status()).workers[1]?.pid, other.pid);
  await large.assertStored(server);
  await Deno.remove(large.path);
  return `ready again after ${seconds(took)}; the client went on at another one, from ${
    mebibytes(stored.resumedFrom)
  }`;
}

async function roll({ site, tools, windows }: Stage, server: Server): Promise<string> {
  const before = (await server.status()).workers;
  const large = await LargeFile.make(site);
  const flags = ["--overwrite", "always"];
  const put = server.json(windows, "put", windows.theirs(large.path), ...flags);
  put.catch(() => {}); // of interest below
  await large.underWay(server);
  const begun = performance.now();
  await server.json(windows, "restart", "all", "--rolling", "--deadline", "1s");
  const took = performance.now() - begun;
  const after = (await server.status()).workers.map(({ port, state }) => [port, state]);
  assert.deepEqual(after, before.map(({ port }) => [port, "ready"]));
  assert.deepEqual(await tools.alive(before.map(({ pid }) => pid)), []);
  await put;
  await large.assertStored(server);
  await Deno.remove(large.path);
  return `three successors, each on its port, after ${seconds(took)}; the client went on`;
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
  const server = await Server.start(windows, site, "crash", { ports: killed.report.ports });
  assert.equal(server.report.fingerprint, killed.report.fingerprint);
  await server.json(windows, "ping", "-n", "1");
  await server.shutdown();
  assert.deepEqual(await tools.alive(server.pids), []);
  server.assertTidy();
  return "same certificate; shutdown leaves nothing";
}
