import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { delay } from "../../base/mod.ts";
import { typedName } from "../../cli/flags.ts";
import { NAMED_KEYS } from "../../manager/config/keys.ts";
import { isAlive, names, processesOf, Site, SOURCE, waitFor } from "./harness.ts";

interface Status {
  workers: { port: number; pid: number; state: string; restarts: number; lastError: string }[];
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`msquicd: ${signal} stops everything in order`, async () => {
    await using site = await Site.create(2);
    const manager = await site.start();
    manager.child.kill(signal);
    const { code, stderr } = await manager.finished;
    assert.equal(code, 0, stderr);
    await site.assertNothingLeft();
    for (const { pid } of manager.report.workers) assert.ok(!isAlive(pid));
  });
}

Deno.test("msquicd: a second signal does not wait for a worker that hangs", async () => {
  await using site = await Site.create(2);
  const config = site.path("msquicd.jsonc");
  await Deno.writeTextFile(config, '{ "stopDeadlineMs": 60000, "stallDeadlineMs": 60000 }');
  const manager = await site.start("--config", config);
  const [hanging] = manager.report.workers;
  assert.ok(hanging);
  Deno.kill(hanging.pid, "SIGSTOP");
  manager.child.kill("SIGINT");
  await waitFor(
    "the other worker is gone",
    () => manager.report.workers.filter(({ pid }) => isAlive(pid)).length === 1,
  );
  // On a terminal, one that comes sooner is taken for the same.
  await delay(600);
  const start = performance.now();
  manager.child.kill("SIGINT");
  const { code, stderr } = await manager.finished;
  assert.equal(code, 130, stderr);
  assert.ok(performance.now() - start < 30_000, "it takes less than the patience with workers");
  await site.assertNothingLeft();
});

Deno.test("msquicd: a killed worker is started again on its port and serves", async () => {
  await using site = await Site.create(2);
  site.program = SOURCE; // by which it starts workers, and itself, too
  const manager = await site.start();
  const [victim, other] = manager.report.workers;
  assert.ok(victim && other);
  Deno.kill(victim.pid, "SIGKILL");
  const revived = await waitFor("the worker is ready again", async () => {
    const { workers } = await site.json<Status>("status");
    return workers.find(({ port, pid, state }) =>
      port === victim.port && pid !== victim.pid && state === "ready"
    );
  });
  assert.equal(revived.restarts, 1);
  assert.match(revived.lastError, /SIGKILL|killed/);
  assert.equal((await site.run("ping", "--server", `127.0.0.1:${victim.port}`)).code, 0);
  const { workers } = await site.json<Status>("status");
  assert.equal(workers.find(({ port }) => port === other.port)?.pid, other.pid);
  assert.equal((await site.run("shutdown")).code, 0);
  assert.equal((await manager.finished).code, 0);
  await site.assertNothingLeft();
});

Deno.test("msquicd: workers of a killed manager leave within two seconds", async () => {
  await using site = await Site.create(2);
  const manager = await site.start();
  const workers = manager.report.workers.map(({ pid }) => pid);
  manager.child.kill("SIGKILL");
  await manager.finished;
  // They notice after one second, and have two.
  await waitFor("its workers are gone", () => !workers.some(isAlive), 15_000);
  assert.deepEqual(names("/dev/shm").filter((name) => name.includes(site.instance)), []);
  assert.equal((await site.run("status")).code, 3);
  assert.equal((await site.run("ls")).code, 3);

  const next = await site.start();
  assert.deepEqual(next.report.ports, site.ports);
  assert.equal(next.report.fingerprint, manager.report.fingerprint);
  assert.equal((await site.run("shutdown")).code, 0);
  await next.finished;
  await site.assertNothingLeft();
});

Deno.test("msquicd: start --detach returns once the workers are ready", async () => {
  await using site = await Site.create(2);
  site.program = SOURCE; // by which it starts workers, and itself, too
  const ports = site.ports.join(",");
  const args = ["start", "--detach", "--ports", ports, "--root", site.root];
  const report = await site.json<{ pid: number; workers: { state: string }[] }>(...args);
  assert.deepEqual(report.workers.map(({ state }) => state), ["ready", "ready"]);
  assert.ok(processesOf(site.instance).includes(report.pid));
  assert.equal((await site.run("ping", "-n", "1")).code, 0);
  assert.equal((await site.run("shutdown")).code, 0);
  await site.assertNothingLeft();
  assert.ok(names(site.state).includes("manager.log"));
});

Deno.test("msquicd: start --detach hands every flag on to the manager in the background", async () => {
  await using site = await Site.create(1);
  const given = {
    congestionControl: "cubic",
    host: "127.0.0.1",
    limitRate: "900M",
    logLevel: "debug",
    logFormat: "json",
    onManagerLoss: "keep",
    portPolicy: "refuse",
    root: site.root,
  };
  // With the instance, which the site names itself, and workers, which exclude ports.
  const tried = [...Object.keys(given), "ports", "instance", "workers"];
  const flags = NAMED_KEYS.filter(([, { flag }]) => flag !== undefined).map(([name]) => name);
  assert.deepEqual(tried.sort(), flags.toSorted());
  const file = site.path("other.jsonc");
  await Deno.writeTextFile(file, '{ "stopDeadlineMs": 9000 }');
  const args = Object.entries(given).map(([name, value]) => `--${typedName(name)}=${value}`);
  await site.json("start", "--detach", `--config=${file}`, `--ports=${site.ports[0]}`, ...args);
  const config = await site.json<Record<string, unknown>>("config", "show");
  const { ports, instance, stopDeadlineMs } = config;
  assert.deepEqual(ports, { kind: "explicit", ports: [site.ports[0]] });
  assert.deepEqual([config.file, instance, stopDeadlineMs], [file, site.instance, 9000]);
  for (const [name, value] of Object.entries(given)) assert.equal(config[name], value, name);
  assert.equal((await site.run("shutdown")).code, 0);
  await site.assertNothingLeft();
});

Deno.test("msquicd: start --detach that fails has the manager's exit code and words", async () => {
  await using site = await Site.create(1);
  const manager = await site.start();
  const args = ["start", "--detach", "--ports", String(site.ports[0]), "--root", site.root];
  const { code, stderr } = await site.run(...args);
  assert.equal(code, 6, stderr);
  assert.match(stderr, /already/);
  assert.equal((await site.run("shutdown")).code, 0);
  assert.equal((await manager.finished).code, 0);
  await site.assertNothingLeft();
});

for (const direction of ["put", "get"] as const) {
  Deno.test(`msquicd: an interrupted ${direction} leaves no partial file on either side`, async () => {
    await using site = await Site.create(1);
    const manager = await site.start();
    const uploads = join(site.root, ".msquicd", "uploads");
    const here = site.path("here");
    await Deno.mkdir(here);
    const source = direction === "put" ? site.path("big.bin") : join(site.root, "big.bin");
    await Deno.truncate(await makeFile(source), 8 * 2 ** 30);
    const args = direction === "put"
      ? ["put", source, "--no-resume"]
      : ["get", "big.bin", "-o", join(here, "big.bin"), "--no-resume"];
    const transfer = site.spawn(...args);
    const staging = direction === "put" ? uploads : here;
    await waitFor("the transfer is under way", () => names(staging).length === 1);
    transfer.child.kill("SIGINT");
    const { code, stderr } = await transfer.finished;
    assert.equal(code, 130, stderr);
    assert.match(stderr, /Interrupted/);
    assert.deepEqual(names(here), []);
    await waitFor("the server has cleaned up", () => names(uploads).length === 0);
    if (direction === "put") assert.deepEqual(names(site.root), [".msquicd"]);
    assert.equal((await site.run("ping", "-n", "1")).code, 0);
    assert.equal((await site.run("shutdown")).code, 0);
    assert.equal((await manager.finished).code, 0);
    await site.assertNothingLeft();
  });
}

/** A file with some content; the rest of its length is a hole. */
async function makeFile(path: string): Promise<string> {
  await Deno.writeFile(path, randomBytes(1024));
  return path;
}
