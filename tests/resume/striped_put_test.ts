import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Client, connect } from "../../client/mod.ts";
import type { Server } from "../../worker/mod.ts";
import { flip, MIB, newId, randomData, ResumeBench, sha256, until } from "./bench.ts";

const CHUNK = 8 * MIB;

/** A client that knows some servers of one storage, or two new ones. */
async function connectTo(bench: ResumeBench, ...servers: Server[]): Promise<Client> {
  if (servers.length === 0) servers.push(await bench.serve(), await bench.serve());
  return await connect({ server: servers.map(({ address }) => address), ...bench.access });
}

async function assertStored(bench: ResumeBench, data: Uint8Array): Promise<void> {
  assert.equal(Buffer.compare(await bench.stored("a"), data), 0, "Other bytes were stored");
  assert.deepEqual(bench.staged(), []);
}

/** Sends until so many bytes have been sent, then gives up. */
async function putPart(
  client: Client,
  source: string,
  part: string,
  bytes: number,
  streams: number,
): Promise<void> {
  const cut = new AbortController();
  const onProgress = (sent: number) => sent >= bytes && cut.abort(new Error("Cut"));
  const options = { part, streams, signal: cut.signal, onProgress };
  await assert.rejects(client.put(source, "a", options), { message: "Cut" });
}

Deno.test("put() over several connections stores what is sent, and nothing else", async () => {
  await using bench = await ResumeBench.open();
  await using client = await connectTo(bench);
  for (const length of [CHUNK, CHUNK + 1, 25 * MIB + 7]) {
    const data = randomData(length);
    const source = await bench.source(data);
    for (const streams of [1, 3, 16]) {
      const seen: number[] = [];
      const onProgress = (bytes: number) => seen.push(bytes);
      const result = await client.put(source, "a", { streams, overwrite: "always", onProgress });
      await assertStored(bench, data);
      assert.equal(result.sha256, sha256(data));
      assert.equal(
        result.streams,
        length === CHUNK ? 1 : Math.min(streams, Math.ceil(length / CHUNK)),
      );
      assert.deepEqual([result.bytes, result.resumedFrom, seen.at(-1)], [length, 0, length]);
      assert.equal(result.changed, undefined);
    }
  }
  const { mode, mtime } = await Deno.stat(join(bench.root, "a"));
  const source = await Deno.stat(bench.path("source"));
  assert.deepEqual([mode, mtime], [source.mode, source.mtime]);
  const bad = client.put(bench.path("source"), "b", { streams: 17 });
  await assert.rejects(bad, { code: "invalid-option" });
});

for (const streams of [1, 3]) {
  Deno.test(`put() over ${streams} goes on where it was, but for the chunk that is wrong`, async () => {
    await using bench = await ResumeBench.open();
    await using client = await connectTo(bench);
    const data = randomData(48 * MIB);
    const source = await bench.source(data);
    for (const again of [1, 2]) {
      const part = newId();
      await putPart(client, source, part, 32 * MIB, streams);
      await bench.idle();
      const [staged = assert.fail("Nothing was kept")] = bench.staged();
      await flip(join(bench.root, ".msquicd", "uploads", staged), CHUNK + 5);
      const before = bench.counters.values.bytesIn ?? 0;
      const { resumedFrom, sha256: stored } = await client.put(source, "a", {
        ...{ part, streams: again, overwrite: "always" },
      });
      const received = (bench.counters.values.bytesIn ?? 0) - before;
      assert.equal(stored, sha256(data));
      await assertStored(bench, data);
      // What had come, less the chunk that was wrong, and what was sent but not yet there.
      assert.ok(resumedFrom >= 32 * MIB - CHUNK - streams * 10 * MIB, `${resumedFrom}`);
      assert.ok(resumedFrom > 0 && resumedFrom <= 48 * MIB - CHUNK, `${resumedFrom}`);
      const sent = 48 * MIB - resumedFrom;
      assert.ok(received >= sent && received < sent + MIB, `${received} of ${sent}`);
      await Deno.remove(join(bench.root, "a"));
    }
  });
}

Deno.test("put() of a source that has changed since sends the chunks that differ", async () => {
  await using bench = await ResumeBench.open();
  await using client = await connectTo(bench);
  const data = randomData(40 * MIB);
  const part = newId();
  await putPart(client, await bench.source(data), part, 24 * MIB, 2);
  await bench.idle();
  for (const at of [3, CHUNK + 1]) data[at] = data[at]! ^ 1;
  const { sha256: stored, changed } = await client.put(await bench.source(data), "a", { part });
  assert.deepEqual([stored, changed], [sha256(data), undefined]);
  await assertStored(bench, data);
});

Deno.test("put() over several connections goes on when a server stops, whichever it is", async () => {
  await using bench = await ResumeBench.open();
  const data = randomData(80 * MIB);
  const source = await bench.source(data);
  for (const first of [true, false]) {
    const servers = [await bench.serve(), await bench.serve()];
    await using client = await connectTo(bench, ...servers);
    const doomed = servers[first ? 0 : 1]!;
    let stopping: Promise<void> | undefined;
    const onProgress = (sent: number) => {
      if (sent >= 20 * MIB) stopping ??= doomed.stop(undefined, 0);
    };
    const options = { streams: 2, overwrite: "always", onProgress } as const;
    const result = await client.put(source, "a", options);
    await stopping;
    assert.equal(result.sha256, sha256(data));
    await assertStored(bench, data);
  }
});

Deno.test("Of two attempts at one upload in chunks the later one stores it, once", async () => {
  await using bench = await ResumeBench.open();
  await using client = await connectTo(bench);
  const data = randomData(40 * MIB);
  const source = await bench.source(data);
  const part = newId();
  let second: Promise<unknown> | undefined;
  const onProgress = (sent: number) => {
    if (sent >= 10 * MIB) second ??= client.put(source, "a", { part, streams: 2 }).catch(String);
  };
  const one = client.put(source, "a", { part, streams: 2, onProgress }).catch(String);
  const outcomes = [await one, await second];
  assert.ok(outcomes.some((outcome) => typeof outcome === "object"), `${outcomes}`);
  await until("nothing is received", () => !bench.counters.values.transfers);
  await assertStored(bench, data);
});

Deno.test("Of attempts at one upload in chunks that begin at once, one stores it, and the others say why not", async () => {
  await using bench = await ResumeBench.open();
  await using client = await connectTo(bench);
  const data = randomData(20 * MIB);
  const source = await bench.source(data);
  const part = newId();
  const put = () =>
    client.put(source, "a", { part, streams: 2 }).then(() => "stored", ({ code }) => code);
  const outcomes = await Promise.all([put(), put(), put()]);
  assert.ok(outcomes.includes("stored"), `${outcomes}`);
  // One that comes when it is stored is another upload of a name that is taken.
  const reasons = ["stored", "cannot-resume", "file-exists"];
  assert.deepEqual(outcomes.filter((outcome) => !reasons.includes(outcome)), []);
  await until("nothing is received", () => !bench.counters.values.transfers);
  await assertStored(bench, data);
});

Deno.test("put() over several connections ends where its signal says so, and leaves nothing", async () => {
  await using bench = await ResumeBench.open();
  await using client = await connectTo(bench);
  const source = await bench.source(randomData(50 * MIB));
  const cut = new AbortController();
  const onProgress = (sent: number) => sent >= 10 * MIB && cut.abort(new Error("Cut"));
  const options = { signal: cut.signal, onProgress, streams: 4 };
  await assert.rejects(client.put(source, "a", options), { message: "Cut" });
  await until("nothing is kept", () => bench.staged().length === 0);
});
