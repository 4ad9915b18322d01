import "../fixtures/loaded_msquic.ts";
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { generate } from "selfsigned";
import { findLocalInstance } from "../../cli/files/local_instance.ts";
import { type Client, connect } from "../../client/mod.ts";
import { Site, type StartReport, waitFor } from "./harness.ts";

interface Pair {
  cert: string;
  key: string;
}

async function newPair(): Promise<Pair> {
  const names = [{ name: "commonName", value: "files.example.org" }];
  const options = { keyType: "ec", curve: "P-256", algorithm: "sha256" } as const;
  const { cert, private: key } = await generate(names, options);
  return { cert, key };
}

async function install(site: Site, { cert, key }: Pair): Promise<void> {
  await Deno.writeTextFile(join(site.state, "cert.pem"), cert);
  await Deno.writeTextFile(join(site.state, "key.pem"), key);
}

/** As the command line connects to the instance of this machine, to some of its workers. */
async function connectLocally(site: Site, ...ports: number[]): Promise<Client> {
  const before = Deno.env.get("MSQUICD_STATE_DIR");
  Deno.env.set("MSQUICD_STATE_DIR", site.env.MSQUICD_STATE_DIR ?? "");
  try {
    const local = await findLocalInstance(site.instance);
    assert.ok(local);
    const server = local.servers.filter(({ port }) => ports.includes(port));
    return await connect({ server, token: local.token, fingerprint: local.fingerprint });
  } finally {
    if (before === undefined) Deno.env.delete("MSQUICD_STATE_DIR");
    else Deno.env.set("MSQUICD_STATE_DIR", before);
  }
}

async function pidsOf(site: Site): Promise<number[]> {
  const { workers } = await site.json<{ workers: StartReport["workers"] }>("status");
  for (const { state } of workers) assert.equal(state, "ready");
  return workers.map(({ pid }) => pid);
}

async function fingerprintsOf(site: Site): Promise<string[]> {
  return JSON.parse(await Deno.readTextFile(join(site.state, "instance.json"))).fingerprints;
}

/** Asks one server after the other without a pause, until it is told to stop; tells how often. */
function keepAsking(site: Site, ports: readonly number[]): { stop(): Promise<number> } {
  let stopped = false;
  const asking = (async () => {
    let count = 0;
    for (; !stopped; count++) {
      await using client = await connectLocally(site, ports[count % ports.length] ?? 0);
      await client.ping();
      await client.close();
    }
    return count;
  })();
  asking.catch(() => {}); // told when it is stopped
  return {
    stop() {
      stopped = true;
      return asking;
    },
  };
}

function fingerprintOf({ cert }: Pair): string {
  return new X509Certificate(cert).fingerprint256.replaceAll(":", "").toLowerCase();
}

async function certificateOf(site: Site): Promise<{ fingerprint: string; problem: string | null }> {
  return (await site.json<{ certificate: { fingerprint: string; problem: string | null } }>(
    "status",
  )).certificate;
}

async function presented(site: Site, fingerprint: string): Promise<void> {
  await waitFor("the new certificate", async () => {
    const all = await fingerprintsOf(site);
    return all.length === 1 && all[0] === fingerprint;
  });
}

// J1
Deno.test("Another certificate is taken for new connections while all go on, and no bad one", async () => {
  await using site = await Site.create(2);
  const manager = await site.start("--on-manager-loss", "keep");
  const { report } = manager;
  const pids = await pidsOf(site);
  await using longLived = await connectLocally(site, ...report.ports);
  await longLived.ping();
  assert.deepEqual(await fingerprintsOf(site), [report.fingerprint]);

  const [right, wrong, third] = [await newPair(), await newPair(), await newPair()];
  await install(site, { cert: right.cert, key: wrong.key });
  await waitFor("the mistake is told", () => manager.stderr.includes("Going on with the certif"));
  assert.match((await certificateOf(site)).problem ?? "", /belongs to another certificate/);
  const refused = await site.run("restart", "all", "--rolling");
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /the private key in ".*" belongs to another certificate/);
  assert.deepEqual(await pidsOf(site), pids);
  // One that dies comes back all the same, with what it had.
  const [one, other] = report.ports;
  const dead = longLived.server.endsWith(`:${one}`) ? other : one;
  const pid = report.workers.find(({ port }) => port === dead)?.pid ?? 0;
  Deno.kill(pid, "SIGKILL");
  const pinned = { server: `127.0.0.1:${dead}`, fingerprint: report.fingerprint };
  const token = await site.token();
  {
    await using client = await connect({ ...pinned, token, waitForServerMs: 20_000 });
    await client.ping();
    await client.close();
  }
  const { session } = longLived;

  const asking = keepAsking(site, report.ports);
  const before = await pidsOf(site);
  await install(site, right);
  await presented(site, fingerprintOf(right));
  assert.ok(await asking.stop() > 0);
  assert.deepEqual(await pidsOf(site), before);
  await longLived.ping();
  assert.equal(longLived.session, session);
  await assert.rejects(connect({ ...pinned, token }), { code: "wrong-fingerprint" });
  const { fingerprint, problem } = await certificateOf(site);
  assert.deepEqual({ fingerprint, problem }, { fingerprint: fingerprintOf(right), problem: null });

  // Workers that go on without a manager are told by the next one.
  Deno.kill(report.pid, "SIGKILL");
  await manager.finished;
  await install(site, third);
  const next = await site.start("--on-manager-loss", "keep");
  assert.equal(next.report.fingerprint, fingerprintOf(third));
  await presented(site, fingerprintOf(third));
  assert.deepEqual(await pidsOf(site), before);
  await using client = await connectLocally(site, ...report.ports);
  await Promise.all([client.ping(), longLived.ping()]);
  assert.equal(longLived.session, session);
  await Promise.all([longLived.close(), client.close()]);
  await site.json("shutdown");
  await assert.rejects(Deno.stat(join(site.state, "presented")), Deno.errors.NotFound);
  await site.assertNothingLeft();
});
