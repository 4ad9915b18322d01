import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { TransferResult } from "../../client/mod.ts";
import { randomData } from "../resume/bench.ts";
import { type Finished, names, Site, sizeOf, waitFor } from "./harness.ts";

const MIB = 1024 * 1024;
const SIZE = 128 * MIB;

/** How much of it is stored before it is interrupted, at least. */
const UNDER_WAY = 8 * MIB;

/**
 * A big file: random here and there, so that nothing can be taken for something else. In between are
 * holes, which cost the disk nothing.
 */
async function makeFile(path: string): Promise<Uint8Array> {
  const data = new Uint8Array(SIZE);
  const file = await open(path, "wx");
  await file.truncate(SIZE);
  for (let at = 12_345; at < SIZE; at += 16 * MIB) {
    const piece = randomData(64 * 1024);
    data.set(piece, at);
    await file.write(piece, 0, piece.length, at);
  }
  await file.close();
  return data;
}

/** Waits until a good part of an upload is there. */
function underWay(site: Site): Promise<true> {
  const staging = join(site.root, ".msquicd", "uploads");
  return waitFor(
    "the upload is under way",
    () => names(staging).some((name) => sizeOf(join(staging, name)) > UNDER_WAY) || undefined,
  );
}

function resultOf({ code, stdout, stderr }: Finished): TransferResult {
  assert.equal(code, 0, stdout + stderr);
  return JSON.parse(stdout)[0];
}

async function assertStored(site: Site, data: Uint8Array): Promise<void> {
  const stored = await Deno.readFile(join(site.root, "big.bin"));
  assert.equal(Buffer.compare(stored, data), 0, "Other bytes were stored");
  assert.deepEqual(names(join(site.root, ".msquicd", "uploads")), []);
}

for (const signal of ["SIGINT", "SIGKILL"] as const) {
  Deno.test(`msquicd: put ended by ${signal} goes on at another worker when called again`, async () => {
    await using site = await Site.create(2);
    const config = site.path("msquicd.jsonc");
    await Deno.writeTextFile(config, '{ "stopDeadlineMs": 60000 }');
    const manager = await site.start("--config", config);
    const [one, two] = manager.report.ports.map((port) => `127.0.0.1:${port}`);
    const source = site.path("big.bin");
    const data = await makeFile(source);
    const first = site.spawn("put", source, "--server", one!);
    await underWay(site);
    first.child.kill(signal);
    await first.finished;
    const again = resultOf(await site.run("put", source, "--server", two!, "--json"));
    assert.ok(again.resumedFrom >= UNDER_WAY && again.resumedFrom < SIZE, `${again.resumedFrom}`);
    await assertStored(site, data);
    const third = await site.run("put", source, "--json");
    assert.equal(third.code, 0, third.stderr);
    assert.equal(JSON.parse(third.stdout)[0].skipped, true, "it is there");
    // The client that was killed has not said goodbye to its worker, which does not wait for it long.
    const start = performance.now();
    assert.equal((await site.run("shutdown")).code, 0);
    await manager.finished;
    const ms = performance.now() - start;
    assert.ok(ms < 30_000, `${ms} ms`);
    await site.assertNothingLeft();
  });
}

Deno.test("msquicd: put goes on when its worker is killed, by itself or when called again", async () => {
  await using site = await Site.create(2);
  const manager = await site.start();
  const [worker] = manager.report.workers;
  assert.ok(worker);
  const source = site.path("big.bin");
  const data = await makeFile(source);
  const first = site.spawn("put", source, "--json");
  await underWay(site);
  Deno.kill(worker.pid, "SIGKILL");
  let finished = await first.finished;
  if (finished.code !== 0) finished = await site.run("put", source, "--json");
  const { resumedFrom, bytes } = resultOf(finished);
  assert.ok(resumedFrom > 0 && bytes === SIZE);
  await assertStored(site, data);
  assert.equal((await site.run("shutdown")).code, 0);
  await manager.finished;
});
