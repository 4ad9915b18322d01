import assert from "node:assert/strict";
import { join } from "node:path";
import { waitFor } from "../e2e/harness.ts";
import { HeldUpload } from "./held_upload.ts";
import { LargeFile } from "./large_file.ts";
import { Server } from "./server.ts";
import type { Side } from "./side.ts";
import type { Stage } from "./stage.ts";
import { seconds } from "./transcript.ts";

/** Within this time workers that are not kept must be gone, the look at the processes included. */
const LEAVE_MS = 3000;

/** What it takes to start a server whose workers are kept, or not any more, on the same ports. */
type Start = (onManagerLoss: "keep" | "drain", earlier?: Server) => Promise<Server>;

/** Workers that serve on when their manager is killed, until the next start takes them over. */
export async function adoption(stage: Stage): Promise<void> {
  const { site, transcript, windows } = stage;
  async function start(onManagerLoss: "keep" | "drain", earlier?: Server): Promise<Server> {
    const path = site.path("kept.jsonc");
    await Deno.writeTextFile(path, JSON.stringify({ onManagerLoss }));
    const flags = ["--config", windows.theirs(path)];
    const ports = earlier?.report.workers.map(({ port }) => port);
    return await Server.start(windows, site, "kept", { flags, ...(ports && { ports }) });
  }
  let server = await start("keep");
  await transcript.check("kill of the manager, workers kept", async () => {
    const [next, told] = await killAndTakeOver(stage, server, start);
    server = next;
    return told;
  });
  await transcript.check("kill of a worker that was taken over", () => killAdopted(stage, server));
  await transcript.check("death of a worker that has no manager", async () => {
    const [next, told] = await dieAlone(stage, server, start);
    server = next;
    return told;
  });
  await transcript.check("kept no longer", async () => {
    const [next, told] = await keepNoLonger(stage, server, start);
    server = next;
    return told;
  });
  await transcript.check("shutdown after all that", () => shutdown(stage, server));
}

/** A `put`, and half an upload to each worker, are under way before, and done afterwards. */
async function killAndTakeOver(
  stage: Stage,
  first: Server,
  start: Start,
): Promise<[Server, string]> {
  const { here, site, tools, windows } = stage;
  const { ports, pid } = first.report;
  const workers = first.pids.slice(1);
  using undo = new DisposableStack();
  const held = await Promise.all(ports.map((port) => HeldUpload.begin(first, port)));
  for (const upload of held) undo.use(upload);
  const large = await LargeFile.make(site);
  const put = first.json<{ resumedFrom: number }[]>(windows, "put", windows.theirs(large.path));
  put.catch(() => {}); // of interest below
  await large.underWay(first);

  await tools.kill(pid);
  assert.deepEqual(await tools.alive(first.pids), workers);
  const small = site.path("small");
  await Deno.writeTextFile(small, "without a manager");
  for (const client of here ? [windows, here] : [windows]) {
    await first.json(client, "put", client.theirs(small));
    const listed = await first.json<{ name: string }[]>(client, "ls", "-r");
    assert.ok(listed.some(({ name }) => name === "small"), JSON.stringify(listed));
    await first.json(client, "rm", "small");
  }
  const status = await first.spawn(windows, "status").finished;
  assert.equal(status.code, 3, status.stderr);
  assert.match(status.stderr, /workers serve on: .*msquicd start/s);

  const begun = performance.now();
  const second = await start("keep", first);
  const took = performance.now() - begun;
  assert.match(second.running.stderr, /goes on, pid/);
  assert.deepEqual(pidsOf(second), pidsOf(first));
  for (const worker of (await second.status()).workers) {
    assert.deepEqual([worker.state, worker.restarts], ["ready", 0]);
  }
  for (const upload of held) await upload.finish(second);
  const [stored] = await put;
  assert.equal(stored?.resumedFrom, 0, "It was interrupted");
  await large.assertStored(second);
  await Deno.remove(large.path);
  await Deno.remove(join(second.root, "large"));
  const told =
    `put, ls and rm work without one, status tells of it with code 3; the next start, in ${
      seconds(took)
    }, has the same three processes, and no upload or connection broke`;
  return [second, told];
}

async function killAdopted({ tools, windows }: Stage, server: Server): Promise<string> {
  const [victim] = server.report.workers;
  assert.ok(victim);
  const segment = segmentsOf(server).find((name) => name.includes(`-${victim.port}-`));
  assert.ok(segment);
  await tools.kill(victim.pid);
  const killed = performance.now();
  await waitFor("the worker is back", async () => {
    const { workers } = await server.status();
    const worker = workers.find(({ port }) => port === victim.port);
    return worker?.state === "ready" && worker.pid !== victim.pid && worker.restarts === 1;
  });
  // That it serves is noted for others a moment after it is so.
  await waitFor("the worker answers", async () => {
    const at = `127.0.0.1:${victim.port}`;
    return await server.json(server.side, "ping", "-n", "1", "--server", at).catch(() => undefined);
  });
  const took = performance.now() - killed;
  await assertNoSegment(windows, segment);
  return `ready again on its port after ${seconds(took)}, its shared memory gone`;
}

async function dieAlone(
  { tools }: Stage,
  killed: Server,
  start: Start,
): Promise<[Server, string]> {
  const { workers } = await killed.status();
  const [, victim] = workers;
  assert.ok(victim);
  await tools.kill(killed.report.pid);
  await tools.kill(victim.pid);
  const { stderr } = await killed.spawn(killed.side, "status").finished;
  assert.ok(!stderr.includes(`pid ${victim.pid}`), stderr);
  const server = await start("keep", killed);
  const before = new Map(workers.map(({ port, pid }) => [port, pid]));
  for (const { port, pid } of server.report.workers) {
    assert.equal(before.get(port) !== pid, port === victim.port, `${port}`);
  }
  assert.deepEqual(
    server.report.workers.map(({ port }) => port),
    killed.report.workers.map(({ port }) => port),
  );
  return [server, "the next start has another one on its port, and takes over the rest"];
}

/** Workers started under the Job Object take the place of those that were not, and end with the manager. */
async function keepNoLonger(
  { tools }: Stage,
  killed: Server,
  start: Start,
): Promise<[Server, string]> {
  const old = (await killed.status()).workers.map(({ pid }) => pid);
  await tools.kill(killed.report.pid);
  const server = await start("drain", killed);
  const replaced = await waitFor("all are as configured", async () => {
    const { workers } = await server.status();
    return workers.every(({ pid, state }) => state === "ready" && !old.includes(pid)) && workers;
  });
  assert.deepEqual(await tools.alive(old), []);
  const pids = replaced.map(({ pid }) => pid);
  await tools.kill(server.report.pid);
  const begun = performance.now();
  const gone = async () => (await tools.alive(pids)).length === 0;
  await waitFor("the workers have left", gone, LEAVE_MS);
  const took = performance.now() - begun;
  const told =
    `workers that are to end with their manager take their place, and do, after at most ${
      seconds(took)
    }`;
  return [await start("keep", server), told];
}

async function shutdown({ tools, windows }: Stage, server: Server): Promise<string> {
  const segments = segmentsOf(server);
  assert.equal(segments.length, 3);
  await server.shutdown();
  assert.deepEqual(await tools.alive(server.pids), []);
  server.assertTidy(server.report.workers.map(({ port }) => `worker-${port}.log`));
  for (const segment of segments) await assertNoSegment(windows, segment);
  return "leaves nothing but what workers logged without a manager";
}

/** Names of the shared memory that a manager has made, or taken over, as they are on disk. */
function segmentsOf({ state }: Server): string[] {
  const lines = Deno.readTextFileSync(join(state, "segments")).trim().split("\n");
  return lines.map((line) => line.replace(/ .*/, ""));
}

/** A worker that is to open it says whether there is any. */
async function assertNoSegment(windows: Side, name: string): Promise<void> {
  const { code, stderr } = await windows.spawn(["worker", "--segment", name]).finished;
  assert.equal(code, 1);
  assert.match(stderr, /there is none of that name/);
}

function pidsOf({ report }: Server): [port: number, pid: number][] {
  return report.workers.map(({ port, pid }): [number, number] => [port, pid]);
}
