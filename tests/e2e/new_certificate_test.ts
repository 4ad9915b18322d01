import "../fixtures/loaded_msquic.ts";
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { generate } from "selfsigned";
import { findLocalInstance } from "../../cli/files/local_instance.ts";
import { type Client, connect } from "../../client/mod.ts";
import { Site, type StartReport } from "./harness.ts";

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

// J1
Deno.test("Local clients go on while the certificate is replaced, and no bad one gets in", async () => {
  await using site = await Site.create(2);
  const { report } = await site.start();
  const [first = 0, second = 0] = report.ports;
  const pids = await pidsOf(site);
  await using longLived = await connectLocally(site, first, second);
  await longLived.ping();
  assert.deepEqual(await fingerprintsOf(site), [report.fingerprint]);

  const [right, wrong] = [await newPair(), await newPair()];
  const fingerprint = new X509Certificate(right.cert).fingerprint256.replaceAll(":", "")
    .toLowerCase();
  const mistakes: [Pair, RegExp][] = [
    [
      { cert: right.cert, key: wrong.key },
      /the private key in ".*" belongs to another certificate/,
    ],
    [{ cert: right.cert, key: "" }, /is no private key in PEM form/],
    [{ cert: "-----BEGIN CERTIFICATE-----\n", key: right.key }, /it is no certificate in PEM form/],
  ];
  for (const [pair, reason] of mistakes) {
    await install(site, pair);
    const { code, stderr } = await site.run("restart", "all", "--rolling");
    assert.equal(code, 1);
    assert.match(stderr, reason);
  }
  assert.deepEqual(await pidsOf(site), pids);

  // One worker has the new one, the other still the old one.
  await install(site, right);
  await site.json("restart", String(first));
  assert.deepEqual((await fingerprintsOf(site)).sort(), [fingerprint, report.fingerprint].sort());
  for (const port of [first, second]) {
    await using client = await connectLocally(site, port);
    await client.ping();
  }
  await longLived.ping();

  await site.json("restart", "all", "--rolling");
  assert.deepEqual(await fingerprintsOf(site), [fingerprint]);
  await longLived.ping();
  await using client = await connectLocally(site, first, second);
  await client.ping();
  const token = (await Deno.readTextFile(join(site.state, "token"))).trim();
  const pinned = connect({ server: `127.0.0.1:${second}`, token, fingerprint: report.fingerprint });
  await assert.rejects(pinned, { code: "wrong-fingerprint" });
  await Promise.all([longLived.close(), client.close()]);
  await site.json("shutdown");
  await site.assertNothingLeft();
});
