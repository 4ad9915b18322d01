import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { Site } from "./harness.ts";

interface Status {
  instance: string;
  pid: number;
  state: string;
  msquic: string;
  workers: { port: number; pid: number; state: string; bytesIn: number; lastError: unknown }[];
}

interface Transfer {
  name: string;
  path?: string;
  bytes: number;
  sha256: string;
  ms: number;
  limitedBy: string;
  network: { rttMs: number };
  wireBytes?: number;
  resumedFrom: number;
  streams: number;
  server: string;
}

function sha256(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

Deno.test("msquicd: three workers, a file in and out, and nothing left behind", async (t) => {
  await using site = await Site.create(3);
  const manager = await site.start();
  const data = randomBytes(16 * 1024 * 1024);
  const big = site.path("big.bin");
  await Deno.writeFile(big, data);
  await Deno.utime(big, new Date(1_600_000_000_000), new Date(1_600_000_000_000));

  await t.step("start prints what it takes to use the server", () => {
    const { report } = manager;
    assert.deepEqual(report.ports, site.ports);
    assert.match(report.fingerprint, /^[0-9a-f]{64}$/);
    assert.equal(report.host, "127.0.0.1");
    assert.equal(new Set(report.workers.map(({ pid }) => pid)).size, 3);
  });

  await t.step("status --json has three workers, ready", async () => {
    const status = await site.json<Status>("status");
    assert.equal(status.instance, site.instance);
    assert.equal(status.pid, manager.pid);
    assert.equal(status.state, "ready");
    assert.match(status.msquic, /^2\.\d+\.\d+/);
    assert.deepEqual(status.workers.map(({ port }) => port), site.ports);
    assert.deepEqual(status.workers.map(({ state }) => state), ["ready", "ready", "ready"]);
  });

  await t.step("status shows a table to people", async () => {
    const { code, stdout } = await site.run("status");
    assert.equal(code, 0);
    for (const port of site.ports) assert.match(stdout, new RegExp(`^ *${port} +\\d+ +ready`, "m"));
  });

  await t.step("put stores the file", async () => {
    const [result] = await site.json<Transfer[]>("put", big, "--to", "dir/big.bin");
    assert.ok(result);
    // On a busy machine even this path may be one that is worth compressing for.
    const { ms, limitedBy, network, wireBytes: _wireBytes, ...rest } = result;
    assert.ok(ms > 0 && limitedBy.length > 0 && network.rttMs > 0);
    assert.deepEqual(rest, {
      name: "dir/big.bin",
      bytes: data.length,
      sha256: sha256(data),
      resumedFrom: 0,
      streams: 1,
      server: `127.0.0.1:${site.ports[0]}`,
    });
    assert.equal(sha256(await Deno.readFile(`${site.root}/dir/big.bin`)), sha256(data));
  });

  await t.step("ls and stat show it", async () => {
    const facts = { size: data.length, mtime: 1_600_000_000_000 };
    const mode = Deno.build.os === "windows" ? {} : { mode: 0o644 };
    const entry = { name: "dir/big.bin", ...facts, ...mode };
    const asked = [["ls", "-r"], ["ls", "dir/"], ["ls", "other"], ["stat", "dir/big.bin"]];
    const answers = await Promise.all(asked.map((words) => site.json(...words)));
    assert.deepEqual(answers, [[entry], [entry], [], entry]);
    const { stdout } = await site.run("ls", "-r");
    assert.match(stdout, /^ +16 MiB {2}2020-09-\d\d \d\d:\d\d:\d\d {2}dir\/big\.bin\n$/);
  });

  await t.step("get brings it back, byte for byte, from any worker", async () => {
    await Promise.all(site.ports.map(async (port) => {
      const copy = site.path(`copy-${port}.bin`);
      const args = ["get", "dir/big.bin", "-o", copy, "--server", `127.0.0.1:${port}`];
      const [result] = await site.json<Transfer[]>(...args);
      assert.equal(result?.path, copy);
      assert.equal(result?.sha256, sha256(data));
      assert.equal(sha256(await Deno.readFile(copy)), sha256(data));
      assert.equal((await Deno.stat(copy)).mtime?.getTime(), 1_600_000_000_000);
    }));
  });

  await t.step("put and get without --json print one line each", async () => {
    const { code, stdout, stderr } = await site.run("put", big, "--to", "two.bin");
    assert.equal(code, 0);
    assert.match(stdout, /^two\.bin: 16 MiB in .*, sha256 [0-9a-f]{64}\n$/);
    assert.equal(stderr, "");
    const verbose = await site.run("get", "two.bin", "--verbose", "-o", site.path("verbose"));
    assert.match(verbose.stdout, /^two\.bin -> .*\n {2}held up by .*; round trip [\d.]+ ms.*\n$/);
  });

  await t.step("put takes directories, empty files and names of any language", async () => {
    await Deno.mkdir(site.path("tree", "深い"), { recursive: true });
    await Deno.writeTextFile(site.path("tree", "empty"), "");
    await Deno.writeTextFile(site.path("tree", "深い", "ünï.txt"), "hello");
    const results = await site.json<Transfer[]>("put", site.path("tree"));
    const stored = results.map(({ name, bytes }) => [name, bytes]);
    assert.deepEqual(stored, [["tree/empty", 0], ["tree/深い/ünï.txt", 5]]);
    const [fetched] = await site.json<Transfer[]>("get", "tree/深い/ünï.txt", "-o", site.path("u"));
    assert.equal(fetched?.bytes, 5);
    assert.equal(await Deno.readTextFile(site.path("u")), "hello");
  });

  await t.step("ping answers", async () => {
    const result = await site.json<{ count: number; ms: number[] }>("ping", "-n", "3");
    assert.equal(result.count, 3);
    assert.ok(result.ms.every((ms) => ms > 0 && ms < 60_000));
  });

  await t.step("rm removes", async () => {
    assert.deepEqual(await site.json("rm", "dir/big.bin", "two.bin"), [
      { name: "dir/big.bin" },
      { name: "two.bin" },
    ]);
    const names = (await site.json<{ name: string }[]>("ls", "-r")).map(({ name }) => name);
    assert.deepEqual(names, ["tree/empty", "tree/深い/ünï.txt"]);
  });

  await t.step("shutdown ends it and leaves nothing", async () => {
    assert.deepEqual(await site.json("shutdown"), { instance: site.instance, workers: 3 });
    assert.equal((await manager.finished).code, 0);
    await site.assertNothingLeft();
    assert.equal((await site.run("status")).code, 3);
    assert.equal((await site.run("ls")).code, 3);
  });
});
