import { concat, delay } from "../../base/mod.ts";
import "../fixtures/loaded_msquic.ts";
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { encode } from "@msgpack/msgpack";
import { type Client, connect } from "../../client/mod.ts";
import { isAlive, names, type Running, Site, type StartReport, waitFor } from "./harness.ts";
import { frame, InteropClient, parseAnswer } from "./interop_client.ts";
import { Load } from "./load.ts";

/** Message types and a flag of docs/protocol.md. */
const HELLO = 1;
const PUT = 16;
const DATA = 4;

interface Worker {
  port: number;
  pid: number;
  state: string;
  restarts: number;
  uptimeMs: number;
  sessions: number;
  bytesIn: number;
}

interface Status {
  pid: number;
  workers: Worker[];
}

const KEEP = ["--on-manager-loss", "keep"];

/** Requests without an end for a worker that is to serve on, whom they leave most of its time. */
function loadOf(client: Client): Load {
  return new Load(client, 4, 5);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function kill(manager: Running): Promise<void> {
  manager.child.kill("SIGKILL");
  await manager.finished;
}

async function connectTo(site: Site, report: StartReport, port: number): Promise<Client> {
  const token = await site.token();
  const { fingerprint } = report;
  return await connect({ server: `127.0.0.1:${port}`, token, fingerprint });
}

function pidsOf({ workers }: { workers: { port: number; pid: number }[] }): [number, number][] {
  return workers.map(({ port, pid }): [number, number] => [port, pid]).sort(([a], [b]) => a - b);
}

async function shutDown(site: Site): Promise<void> {
  await site.json("shutdown");
  await site.assertNothingLeft();
}

Deno.test("Workers that are to be kept serve on without a manager, and are adopted by the next", async () => {
  await using site = await Site.create(2);
  const first = await site.start(...KEEP);
  const [port = 0] = site.ports;
  await using clients = new AsyncDisposableStack();
  const loads: Load[] = [];
  const uploader = clients.use(await connectTo(site, first.report, port));
  for (const each of site.ports) {
    loads.push(clients.use(loadOf(clients.use(await connectTo(site, first.report, each)))));
  }
  await Promise.all(loads.map((load) => load.more(20)));
  const data = new Uint8Array(randomBytes(80_000_000));
  const uploading = uploader.put(data, "through.bin");
  await Promise.all(loads.map((load) => load.more(20)));
  const before = await site.json<Status>("status");

  await kill(first);
  const log = join(site.state, `worker-${port}.log`);
  await waitFor("the loss is logged", () => tryRead(log)?.includes("serving on without"));
  // As a terminal does when it is closed, or Ctrl-C is pressed in it.
  for (const { pid } of first.report.workers) {
    Deno.kill(pid, "SIGINT");
    Deno.kill(pid, "SIGHUP");
  }
  await Promise.all(loads.map((load) => load.more(100)));
  const status = await site.run("status");
  assert.equal(status.code, 3, status.stderr);
  assert.match(status.stderr, /workers serve on: .*msquicd start/s);
  assert.equal((await site.run("ls")).code, 0);

  const second = await site.start(...KEEP);
  assert.match(second.stderr, /goes on, pid/);
  assert.deepEqual(pidsOf(second.report), pidsOf(first.report));
  const after = await site.json<Status>("status");
  assert.equal(after.pid, second.pid);
  for (const [index, { uptimeMs, sessions, bytesIn, restarts }] of after.workers.entries()) {
    const earlier = before.workers[index];
    assert.ok(earlier && uptimeMs > earlier.uptimeMs && sessions > 0 && restarts === 0);
    assert.ok(bytesIn >= earlier.bytesIn && bytesIn > 0);
  }
  await Promise.all(loads.map((load) => load.more(100)));
  assert.equal((await uploading).sha256, sha256(data));

  // Once more, and what is adopted is looked after as any other.
  await kill(second);
  const third = await site.start(...KEEP);
  assert.deepEqual(pidsOf(third.report), pidsOf(first.report));
  await Promise.all(loads.map((load) => load.more(100)));
  await Promise.all(loads.map((load) => load.stop()));
  assert.deepEqual(loads.flatMap(({ failures }) => failures), []);
  await clients.disposeAsync();

  const victim = third.report.workers.find((worker) => worker.port === port);
  assert.ok(victim);
  Deno.kill(victim.pid, "SIGKILL");
  const revived = await waitFor("it is started again", async () => {
    const { workers } = await site.json<Status>("status");
    return workers.find(({ pid, port, state }) =>
      port === victim.port && pid !== victim.pid && state === "ready"
    );
  });
  assert.equal(revived.restarts, 1);
  await shutDown(site);
});

Deno.test("Workers that are not to be kept let an upload finish when their manager is killed", async () => {
  await using site = await Site.create(2);
  const manager = await site.start();
  const [port = 0] = site.ports;
  const token = await site.token();
  const certificate = await Deno.readTextFile(join(site.state, "cert.pem"));
  {
    using client = await InteropClient.connect(port, certificate);
    await client.request(HELLO, { token });
    const data = new Uint8Array(randomBytes(2_000_000));
    const hash = createHash("sha256").update(data).digest();
    const half = data.length / 2;
    const begin = frame(PUT, DATA, encode({ name: "last.bin", size: data.length }));
    // The second half is not sent before the worker has begun to leave.
    const rest = client.announced().then(() => concat([data.subarray(half), hash]));
    const uploading = client.exchange(concat([begin, data.subarray(0, half)]), rest);
    await kill(manager);
    const { body } = parseAnswer(await uploading);
    assert.equal(body.sha256, hash.toString("hex"));
    assert.deepEqual(new Uint8Array(await Deno.readFile(join(site.root, "last.bin"))), data);
  }
  await waitFor("the workers have left", () => {
    return manager.report.workers.every(({ pid }) => !isAlive(pid));
  });
  // They have removed what there was of them.
  assert.deepEqual(names("/dev/shm").filter((name) => name.includes(site.instance)), []);
  const next = await site.start();
  assert.deepEqual(next.report.ports, manager.report.ports);
  await shutDown(site);
});

Deno.test("A manager that is started at once waits for the workers that leave, and gets their ports", async () => {
  await using site = await Site.create(2);
  const killed = await site.start();
  await kill(killed);
  const next = await site.start();
  assert.deepEqual(next.report.ports, killed.report.ports);
  for (const { pid } of killed.report.workers) assert.ok(!isAlive(pid));
  await shutDown(site);
});

Deno.test("Kept workers that are configured otherwise are replaced, and surplus ones leave", async () => {
  await using site = await Site.create(3);
  const killed = await site.start(...KEEP);
  const [one = 0, two = 0] = site.ports;
  await using client = await connectTo(site, killed.report, one);
  await using load = loadOf(client);
  await load.more(20);
  await kill(killed);
  site.ports.length = 2;
  const manager = await site.start(...KEEP, "--log-level", "warning");
  const status = await waitFor("all are as configured", async () => {
    const status = await site.json<Status>("status");
    const old = new Map(pidsOf(killed.report));
    const settled = status.workers.length === 2 &&
      status.workers.every(({ port, pid, state }) => state === "ready" && pid !== old.get(port));
    return settled && status;
  });
  assert.deepEqual(status.workers.map(({ port }) => port).toSorted(), [one, two].toSorted());
  for (const { pid } of killed.report.workers) assert.ok(!isAlive(pid));
  await load.more(20);
  await load.stop();
  assert.deepEqual(load.failures, []);
  assert.ok(isAlive(manager.pid));
  await shutDown(site);
});

Deno.test("Kept workers that are dead, stopped or scribble are replaced, the others adopted", async () => {
  await using site = await Site.create(4);
  const killed = await site.start(...KEEP);
  const [dead, stopped, scribbling, whole] = killed.report.workers;
  assert.ok(dead && stopped && scribbling && whole);
  await using client = await connectTo(site, killed.report, whole.port);
  await using load = loadOf(client);
  await load.more(20);
  await kill(killed);
  Deno.kill(dead.pid, "SIGKILL");
  Deno.kill(stopped.pid, "SIGSTOP");
  const segment = names("/dev/shm").find((name) =>
    name.includes(`${site.instance}-${scribbling.port}-`) && !name.includes(".")
  );
  await Deno.writeFile(`/dev/shm/${segment}`, new Uint8Array(8192).fill(0xFF), { create: false });
  const manager = await site.start(...KEEP);
  const pids = new Map(pidsOf(manager.report));
  assert.deepEqual([...pids.keys()], pidsOf(killed.report).map(([port]) => port));
  assert.equal(pids.get(whole.port), whole.pid);
  for (const { port, pid } of [dead, stopped, scribbling]) {
    assert.notEqual(pids.get(port), pid);
    assert.ok(!isAlive(pid));
    await using another = await connectTo(site, manager.report, port);
    await another.ping();
  }
  await load.more(20);
  await load.stop();
  assert.deepEqual(load.failures, []);
  await shutDown(site);
});

Deno.test("Of two managers that race for kept workers one gets all of them", async () => {
  await using site = await Site.create(2);
  const killed = await site.start(...KEEP);
  await kill(killed);
  const args = ["start", "--no-shell", "--json", "--ports", site.ports.join(","), ...KEEP];
  const racers = [1, 2].map(() => site.spawn(...args, "--root", site.root));
  const loser = await Promise.race(racers.map(async (each) => ({ each, ...await each.finished })));
  assert.equal(loser.code, 6, loser.stderr);
  const winner = racers.find((each) => each !== loser.each);
  assert.ok(winner);
  await waitFor("the winner is ready", () => winner.stdout.endsWith("\n"));
  assert.deepEqual(pidsOf(JSON.parse(winner.stdout)), pidsOf(killed.report));
  await shutDown(site);
});

Deno.test("Managers killed at any moment of a start leave nothing that the next cannot go on with", async () => {
  await using site = await Site.create(2);
  const killed = await site.start(...KEEP);
  const [port = 0] = site.ports;
  await using client = await connectTo(site, killed.report, port);
  await using load = loadOf(client);
  await load.more(20);
  await kill(killed);
  const args = ["start", "--no-shell", "--json", "--ports", site.ports.join(","), ...KEEP];
  for (const ms of [250, 350, 450, 550, 650]) {
    const started = site.spawn(...args, "--root", site.root);
    await delay(ms);
    await kill(started);
  }
  const last = await site.start(...KEEP);
  assert.deepEqual(pidsOf(last.report), pidsOf(killed.report));
  await load.more(20);
  await load.stop();
  assert.deepEqual(load.failures, []);
  await shutDown(site);
});

Deno.test("A start that fails leaves kept workers as they were", async () => {
  await using site = await Site.create(2);
  const killed = await site.start(...KEEP);
  await kill(killed);
  const [one = 0] = site.ports;
  const taken = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  try {
    assert.ok(taken.addr.transport === "udp");
    const ports = `${one},${taken.addr.port}`;
    const failed = await site.run("start", "--no-shell", "--ports", ports, "--root", site.root);
    assert.equal(failed.code, 6, failed.stderr);
  } finally {
    taken.close();
  }
  for (const { pid } of killed.report.workers) assert.ok(isAlive(pid));
  const next = await site.start(...KEEP);
  assert.deepEqual(pidsOf(next.report), pidsOf(killed.report));
  await shutDown(site);
});

function tryRead(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined;
  }
}
