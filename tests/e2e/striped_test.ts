import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { TransferResult } from "../../client/mod.ts";
import { ChunkJournal, Chunks, PositionedFile } from "../../transfer/mod.ts";
import { randomData } from "../resume/bench.ts";
import { type Finished, names, type Running, Site, waitFor } from "./harness.ts";

const MIB = 1024 * 1024;
const SIZE = 64 * MIB;

/** So fast that there is time to do something meanwhile; compressed, there would be next to nothing to send. */
const SLOWLY = ["--compress", "none", "--limit-rate", "48M"];

/** Random here and there, with holes in between, which cost the disk nothing. */
async function makeFile(path: string): Promise<Uint8Array> {
  const data = new Uint8Array(SIZE);
  const file = await open(path, "wx");
  await file.truncate(SIZE);
  for (let at = 12_345; at < SIZE; at += 5 * MIB) {
    const piece = randomData(64 * 1024);
    data.set(piece, at);
    await file.write(piece, 0, piece.length, at);
  }
  await file.close();
  return data;
}

/** How much there is of a file whose chunks are on their way. */
async function bytesIn(path: string): Promise<number> {
  try {
    using file = await Deno.open(path);
    return (await new ChunkJournal(new PositionedFile(file), new Chunks(SIZE)).read()).bytes;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

/** Waits until so much of a file, whose name ends so, is in a directory. */
function underWay(directory: string, ending: string, bytes: number): Promise<true> {
  return waitFor("the file is under way", async () => {
    const name = names(directory).find((name) => name.endsWith(ending));
    return name !== undefined && await bytesIn(join(directory, name)) > bytes || undefined;
  });
}

function resultOf({ code, stdout, stderr }: Finished): TransferResult {
  assert.equal(code, 0, stdout + stderr);
  return JSON.parse(stdout)[0];
}

/** A manager with two workers, a file, and who is to be killed: the first worker, or the other one. */
async function begin(site: Site) {
  const manager = await site.start();
  const source = site.path("big.bin");
  const data = await makeFile(source);
  const server = `127.0.0.1:${manager.report.ports[0]}`;
  const kill = (worker: number) => {
    const { pid } = manager.report.workers[worker] ?? assert.fail("There is no such worker");
    Deno.kill(pid, "SIGKILL");
  };
  return { manager, source, data, server, kill, staging: join(site.root, ".msquicd", "uploads") };
}

async function end(site: Site, manager: Running): Promise<void> {
  assert.equal((await site.run("shutdown")).code, 0);
  await manager.finished;
  await site.assertNothingLeft();
}

for (const worker of [0, 1]) {
  Deno.test(`msquicd: a file on two connections goes on when worker ${worker + 1} of 2 is killed`, async () => {
    await using site = await Site.create(2);
    const { manager, source, data, server, kill, staging } = await begin(site);
    const flags = ["--server", server, "--streams", "2", "--json", ...SLOWLY];
    const putting = site.spawn("put", source, ...flags);
    await underWay(staging, ".part", 16 * MIB);
    kill(worker);
    const put = resultOf(await putting.finished);
    assert.deepEqual([put.streams, put.bytes], [2, SIZE]);
    assert.equal(Buffer.compare(await Deno.readFile(join(site.root, "big.bin")), data), 0);
    assert.deepEqual(names(staging), []);

    const { workers } = await site.json<{ workers: { pid: number }[] }>("status");
    const here = site.path("here");
    await Deno.mkdir(here);
    const getting = site.spawn("get", "big.bin", "-o", `${here}/`, ...flags);
    await underWay(here, ".msquicd-part", 16 * MIB);
    Deno.kill(workers[worker]!.pid, "SIGKILL");
    const got = resultOf(await getting.finished);
    assert.deepEqual([got.streams, got.bytes, got.sha256], [2, SIZE, put.sha256]);
    assert.equal(Buffer.compare(await Deno.readFile(join(here, "big.bin")), data), 0);
    assert.deepEqual(names(here), ["big.bin"]);
    await end(site, manager);
  });
}

Deno.test("msquicd: put on two connections goes on after it was killed, with what is missing", async () => {
  await using site = await Site.create(2);
  const { manager, source, data, server, staging } = await begin(site);
  const flags = ["--server", server, "--streams", "2", "--json"];
  const putting = site.spawn("put", source, ...flags, ...SLOWLY);
  await underWay(staging, ".part", 24 * MIB);
  putting.child.kill("SIGKILL");
  await putting.finished;
  const [kept] = await site.json<{ bytes: number; size: number }[]>("uploads");
  assert.ok(
    kept !== undefined && kept.bytes >= 24 * MIB && kept.bytes < SIZE,
    JSON.stringify(kept),
  );
  const put = resultOf(await site.run("put", source, ...flags));
  assert.ok(put.resumedFrom >= 24 * MIB && put.resumedFrom < SIZE, `${put.resumedFrom}`);
  assert.equal(Buffer.compare(await Deno.readFile(join(site.root, "big.bin")), data), 0);
  assert.deepEqual(names(staging), []);
  await end(site, manager);
});

Deno.test("msquicd: a file on two connections is cancelled as a whole, and shown as what it is", async () => {
  await using site = await Site.create(2);
  const { manager, source, data, server, staging } = await begin(site);
  const flags = [
    "--server",
    server,
    "--streams",
    "2",
    "--json",
    "--compress",
    "none",
    "--limit-rate",
    "6M",
  ];
  const putting = site.spawn("put", source, ...flags);
  await underWay(staging, ".part", 4 * MIB);
  type Shown = { id: string; name: string; direction: string; size: number };
  const { transfers: [up, ...others] } = await site.json<{ transfers: Shown[] }>("transfers");
  assert.deepEqual([up?.name, up?.direction, up?.size, others], ["big.bin", "up", SIZE, []]);
  assert.equal((await site.run("cancel", up!.id)).code, 0);
  const put = await putting.finished;
  assert.notEqual(put.code, 0);
  assert.equal(JSON.parse(put.stdout).error.code, "transfer-cancelled", put.stdout);
  assert.deepEqual(names(staging), []);

  await Deno.writeFile(join(site.root, "big.bin"), data);
  const here = site.path("here");
  await Deno.mkdir(here);
  const getting = site.spawn("get", "big.bin", "-o", `${here}/`, ...flags);
  await underWay(here, ".msquicd-part", 4 * MIB);
  const { transfers: down } = await site.json<{ transfers: Shown[] }>("transfers");
  assert.equal(new Set(down.map(({ id }) => id)).size, 1, JSON.stringify(down));
  assert.equal((await site.run("cancel", down[0]!.id)).code, 0);
  const got = await getting.finished;
  assert.equal(JSON.parse(got.stdout).error.code, "transfer-cancelled", got.stdout);
  await end(site, manager);
});
