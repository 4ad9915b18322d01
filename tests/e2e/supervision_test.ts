import assert from "node:assert/strict";
import { delay } from "../../base/mod.ts";
import { SharedMemory } from "../../ffi/mod.ts";
import { Layout } from "../../ipc/layout.ts";
import { isAlive, names, Site, waitFor } from "./harness.ts";
import "../fixtures/loaded_libc.ts";

interface Worker {
  port: number;
  pid: number;
  state: string;
  restarts: number;
  lastError: string | null;
  lastExit: { code: number; signal: string | null; at: number; stderr: string[] } | null;
}

interface Workers {
  workers: Worker[];
}

async function workerOf(site: Site, port: number | undefined): Promise<Worker> {
  const { workers } = await site.json<Workers>("status");
  const worker = workers.find((worker) => worker.port === port);
  assert.ok(worker);
  return worker;
}

async function serves(site: Site, port: number | undefined): Promise<boolean> {
  return (await site.run("ping", "-n", "1", "--server", `127.0.0.1:${port}`)).code === 0;
}

/** How often manager and worker have beaten; each looks after the other with every beat. */
function watchBeats(site: Site): { now(): { manager: number; worker: number } } & Disposable {
  const [name = "", ...more] = names("/dev/shm").filter((name) =>
    name.includes(`-${site.instance}-`) && !name.includes(".")
  );
  assert.deepEqual(more, []);
  const memory = SharedMemory.open(name);
  const beatsAt = (offset: number) => new Int32Array(memory.buffer, offset, 1)[0] ?? 0;
  return {
    now: () => ({
      manager: beatsAt(Layout.managerHeartbeat),
      worker: beatsAt(Layout.workerHeartbeat),
    }),
    [Symbol.dispose]: () => memory[Symbol.dispose](),
  };
}

/** Writes a configuration for the site's managers; they are named by the flags that are returned. */
async function configure(site: Site, content: string): Promise<string[]> {
  const path = site.path("msquicd.jsonc");
  await Deno.writeTextFile(path, content);
  return ["--config", path];
}

Deno.test("msquicd: spawn, stop, restart and drain change the workers", async () => {
  await using site = await Site.create(3);
  const [first, second, third] = site.ports;
  site.ports.length = 2;
  const manager = await site.start();
  const spawned = await site.json<Workers>("spawn", "--port", String(third));
  assert.deepEqual(spawned.workers.map(({ port, state }) => [port, state]), [[third, "ready"]]);
  assert.ok(await serves(site, third));

  const stopped = await site.json<Workers>("stop", String(first), String(second));
  assert.deepEqual(stopped.workers.map(({ port, state, pid }) => [port, state, pid]), [
    [first, "stopped", null],
    [second, "stopped", null],
  ]);
  assert.equal((await site.run("ping", "-n", "1")).code, 0, "the third still serves");

  const back = await site.run("restart", String(first));
  assert.equal(back.code, 0, back.stderr);
  assert.match(back.stdout, new RegExp(`${first} +\\d+ +ready`));
  assert.ok(await serves(site, first));

  const rolled = await site.json<Workers>("restart", "all", "--rolling", "--deadline", "5s");
  assert.deepEqual(rolled.workers.map(({ state, restarts }) => [state, restarts]), [
    ["ready", 2],
    ["ready", 1],
    ["ready", 1],
  ]);
  const drained = await site.json<Workers>("drain", String(third), "--deadline", "500ms");
  assert.equal(drained.workers[0]?.state, "stopped");

  assert.equal((await site.run("stop", "1")).code, 3);
  assert.equal((await site.run("restart", "all", "4433")).code, 2);
  assert.equal((await site.run("drain", "all", "--deadline", "5")).code, 2);
  assert.equal((await site.run("spawn", "--port", String(third))).code, 6);
  const refused = await site.run("restart", "1", "--json");
  assert.equal(JSON.parse(refused.stdout).error.code, "no-worker");
  assert.equal((await site.run("shutdown")).code, 0);
  assert.equal((await manager.finished).code, 0);
  await site.assertNothingLeft();
});

Deno.test("msquicd: a worker that is stuck is ended, replaced, and serves again", async () => {
  await using site = await Site.create(1);
  const [port] = site.ports;
  const flags = await configure(site, '{ "stallDeadlineMs": 1500 } // for impatient ones');
  const manager = await site.start(...flags);
  const { pid } = await workerOf(site, port);
  // Idle for longer than the deadline, which is no reason to end it.
  await delay(1800);
  assert.equal((await workerOf(site, port)).pid, pid);
  Deno.kill(pid, "SIGSTOP");
  const worker = await waitFor("it is replaced", async () => {
    const worker = await workerOf(site, port);
    return worker.state === "ready" && worker.pid !== pid && worker;
  });
  assert.match(worker.lastError ?? "", /^Event loop stalled for \d+(\.\d)? s; killed$/);
  assert.equal(worker.lastExit?.signal, "SIGKILL");
  assert.match(worker.lastExit?.stderr.at(-1) ?? "", /Serving/);
  assert.ok(await serves(site, port));
  assert.equal((await site.run("shutdown")).code, 0);
  assert.equal((await manager.finished).code, 0);
  await site.assertNothingLeft();
});

Deno.test("msquicd: a manager that was stopped holds nothing against its workers", async () => {
  await using site = await Site.create(1);
  const [port] = site.ports;
  const manager = await site.start(...await configure(site, '{ "stallDeadlineMs": 1000 }'));
  const { pid } = await workerOf(site, port);
  using beats = watchBeats(site);
  // Both stand still for longer than the deadline, as on a machine that is suspended; the manager
  // goes on first, and finds a worker that has long been silent.
  manager.child.kill("SIGSTOP");
  Deno.kill(pid, "SIGSTOP");
  await delay(1300);
  const { manager: atManager, worker: atWorker } = beats.now();
  manager.child.kill("SIGCONT");
  await waitFor("the manager has looked at it", () => beats.now().manager > atManager);
  assert.equal(beats.now().worker, atWorker, "the worker was to stand still");
  Deno.kill(pid, "SIGCONT");
  // What it holds against the worker it would find within as many looks as the deadline has.
  await waitFor("both have gone on for a while", () => {
    const { manager, worker } = beats.now();
    return manager > atManager + 5 && worker > atWorker + 1;
  });
  const worker = await workerOf(site, port);
  assert.deepEqual([worker.pid, worker.restarts, worker.lastError], [pid, 0, null]);
  assert.ok(isAlive(pid));
  assert.equal((await site.run("shutdown")).code, 0);
  assert.equal((await manager.finished).code, 0);
  await site.assertNothingLeft();
});

Deno.test("msquicd: a configuration file is used, checked and shown", async () => {
  await using site = await Site.create(1);
  const content = `{
    "ports": [${site.ports}], // one worker
    "root": "storage",
    "restart": { "intensity": 0 },
  }`;
  const flags = await configure(site, content);
  const fine = await site.run("config", "show");
  assert.equal(fine.code, 3, "no manager runs yet");
  const [program, ...check] = site.commandLine("config", "check", site.path("msquicd.jsonc"));
  check.splice(-2);
  const checked = await site.spawnProgram(program, check, { env: site.env }).finished;
  assert.equal(checked.code, 0, checked.stderr);
  assert.match(checked.stdout, /msquicd\.jsonc is fine/);

  const report = await site.json<{ ports: number[] }>("start", "--detach", ...flags);
  assert.deepEqual(report.ports, site.ports);
  const config = await site.json<Record<string, unknown>>("config", "show");
  assert.equal(config.file, site.path("msquicd.jsonc"));
  assert.equal(config.root, site.root);
  assert.equal(config.host, "127.0.0.1");
  const { pid } = await workerOf(site, site.ports[0]);
  Deno.kill(pid, "SIGKILL");
  const failed = await waitFor("it is given up", async () => {
    const worker = await workerOf(site, site.ports[0]);
    return worker.state === "failed" && worker;
  });
  assert.match(
    failed.lastError ?? "",
    /^Killed by SIGKILL; given up .* msquicd restart \d+ --instance \S+$/,
  );
  assert.equal((await site.run("restart", String(site.ports[0]))).code, 0);
  assert.equal((await site.run("shutdown")).code, 0);

  const wrong = await configure(site, '{\n  "prots": "4433" }');
  const refused = await site.run("start", "--no-shell", ...wrong);
  assert.equal(refused.code, 2, refused.stderr);
  assert.match(refused.stderr, /msquicd\.jsonc, line 2: unknown key "prots"; .*ports/);
  await site.assertNothingLeft();
});
