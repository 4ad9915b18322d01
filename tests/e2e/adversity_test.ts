import "../fixtures/loaded_msquic.ts";
import assert from "node:assert/strict";
import { connect as connectSocket } from "node:net";
import { join } from "node:path";
import { delay } from "../../base/mod.ts";
import { type Client, connect } from "../../client/mod.ts";
import { Site, type StartReport, waitFor } from "./harness.ts";

interface Access {
  token: string;
  fingerprint: string;
}

/** Connects as many clients at once, which is when most can go wrong. */
function connectMany(
  count: number,
  server: string,
  access: Access & { spread?: false },
): Promise<Client[]> {
  const options = { server, timeoutMs: 30_000, ...access };
  return Promise.all(Array.from({ length: count }, () => connect(options)));
}

/** How many of the clients each port has. */
function spread(clients: readonly Client[], ports: readonly number[]): number[] {
  return ports.map((port) => clients.filter(({ server }) => server === `127.0.0.1:${port}`).length);
}

/** How many clients come one after another, where many at once were not spread evenly. */
const MAX_LATECOMERS = 120;

/** Whether no worker has many more clients than another: about what a worker bears, and one more. */
function isEven(loads: readonly number[]): boolean {
  return Math.max(...loads) <= 1.1 * Math.min(...loads) + 4;
}

/**
 * Many clients come and go, that can go nowhere else; then others, that may.
 *
 * How evenly those are spread that come at once depends on how late the manager's reports are: of
 * who comes between two of them a worker has a guess only. A report ends the wrong ones, so that
 * clients that come after it even out what is uneven, at the latest when there are twice as many
 * more as there were. A guess that no report ends leaves a difference that they do not make up for.
 */
async function spreadsClients({ ports }: StartReport, access: Access): Promise<void> {
  const stubborn = await connectMany(60, `127.0.0.1:${ports[0]}`, { ...access, spread: false });
  await Promise.all(stubborn.map((client) => client.ping()));
  await Promise.all(stubborn.map((client) => client.close()));
  const all = `127.0.0.1:${ports.join(",")}`;
  const clients = await connectMany(60, all, access);
  const first = spread(clients, ports);
  for (let more = 0; more < MAX_LATECOMERS && !isEven(spread(clients, ports)); more++) {
    await delay(50);
    clients.push(...await connectMany(1, all, access));
  }
  const loads = spread(clients, ports);
  await Promise.all(clients.map((client) => client.close()));
  assert.ok(isEven(loads), `Clients per port: ${first}, and after more had come: ${loads}`);
}

/** Connections to the control endpoint that begin a request and never end it, until disposed. */
async function holdControl(site: Site, count: number): Promise<Disposable> {
  const info = JSON.parse(await Deno.readTextFile(join(site.state, "instance.json")));
  const sockets = Array.from({ length: count }, () => connectSocket({ path: info.control }));
  await Promise.all(sockets.map((socket) => {
    socket.on("error", () => {});
    return new Promise<void>((resolve) => socket.write('{"jsonrpc":"2.0",', () => resolve()));
  }));
  return { [Symbol.dispose]: () => sockets.forEach((socket) => socket.destroy()) };
}

interface Status {
  workers: { port: number; pid: number; state: string; lastError: string | null }[];
}

async function workersOf(site: Site): Promise<Status["workers"]> {
  return (await site.json<Status>("status")).workers;
}

/** A worker is replaced although the directory that the manager was started in is gone. */
async function replacesWorker(site: Site, { workers }: StartReport): Promise<void> {
  const [worker] = workers;
  assert.ok(worker);
  Deno.kill(worker.pid, "SIGKILL");
  await waitFor("it is replaced", async () => {
    const [first] = await workersOf(site);
    return first?.state === "ready" && first.pid !== worker.pid;
  });
}

/** Whatever a successor would lack is missed before the worker that serves is ended. */
async function keepsWorkers(site: Site): Promise<void> {
  const before = await workersOf(site);
  const key = join(site.state, "key.pem");
  await Deno.rename(key, `${key}.away`);
  const { code, stderr } = await site.run("restart", "all", "--rolling");
  await Deno.rename(`${key}.away`, key);
  assert.equal(code, 1);
  assert.match(stderr, /Worker \d+ serves on as it was, since its successor cannot start: /);
  assert.deepEqual(
    (await workersOf(site)).map(({ pid, state }) => [pid, state]),
    before.map(({ pid }) => [pid, "ready"]),
  );
}

/** What a client is told of workers that do not serve is true, and what it is told to type works. */
async function saysWhoServes(site: Site): Promise<void> {
  const failure = async (...words: string[]) => {
    const { code, stdout } = await site.run(...words, "--json");
    return { exit: code, message: JSON.parse(stdout).error.message as string };
  };
  await site.json("stop", "all");
  const stopped = await failure("ls");
  assert.equal(stopped.exit, 3);
  assert.match(
    stopped.message,
    new RegExp(
      `^No worker of instance "${site.instance}" serves: all are stopped; start them with:`,
    ),
  );
  const [, advice = ""] = /msquicd (.*) --instance/.exec(stopped.message) ?? [];
  await site.json(...advice.split(" "));
  assert.equal((await site.run("ls")).code, 0);
  const unknown = await failure("restart", "1");
  assert.match(unknown.message, new RegExp(`msquicd status --instance ${site.instance}$`));
}

Deno.test("A manager and its workers bear with what its surroundings do", async (test) => {
  await using site = await Site.create(3);
  site.cwd = site.path("gone");
  await Deno.mkdir(site.cwd);
  const { report } = await site.start();
  await Deno.remove(site.cwd);
  site.cwd = undefined;
  const token = await site.token();
  const access = { token, fingerprint: report.fingerprint };
  // F1
  await test.step("A worker is replaced where the manager's directory is gone", () =>
    replacesWorker(site, report));
  // F2
  await test.step("A rolling restart keeps workers whose successors could not start", () =>
    keepsWorkers(site));
  // I10
  await test.step("The manager answers while its control connections are held", async () => {
    using _held = await holdControl(site, 64);
    assert.equal((await workersOf(site)).length, 3);
  });
  // J6
  await test.step("Clients are spread evenly, whoever came before", () =>
    spreadsClients(report, access));
  // C3, C7
  await test.step("A client hears that all workers are stopped, and how to start them", () =>
    saysWhoServes(site));
  await site.json("shutdown");
  const { stderr } = await site.run("ls");
  assert.match(
    stderr,
    new RegExp(`start one with: .*msquicd start --instance ${site.instance}$`, "m"),
  );
  await site.assertNothingLeft();
});
