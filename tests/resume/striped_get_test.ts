import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Client, connect } from "../../client/mod.ts";
import { builtinHandlers, HandlerRegistry } from "../../handlers/messages/mod.ts";
import { flip, MIB, randomData, ResumeBench, sha256, until } from "./bench.ts";

const CHUNK = 8 * MIB;

/** A client that knows two servers of one storage. */
async function connectToTwo(bench: ResumeBench): Promise<Client> {
  const servers = [await bench.serve(), await bench.serve()];
  return await connect({ server: servers.map(({ address }) => address), ...bench.access });
}

/** A file in the storage, and what it has. */
async function store(bench: ResumeBench, length: number): Promise<Uint8Array> {
  const data = randomData(length);
  await Deno.writeFile(join(bench.root, "a"), data);
  return data;
}

async function assertSame(path: string, data: Uint8Array): Promise<void> {
  assert.equal(Buffer.compare(await Deno.readFile(path), data), 0, "Other bytes were written");
}

/** The path of what an interrupted call has left. */
function leftover(directory: string): string {
  const [name = assert.fail("Nothing was kept")] = Array.from(
    Deno.readDirSync(directory),
    ({ name }) => name,
  ).filter((name) => name.endsWith(".msquicd-part"));
  return join(directory, name);
}

/** Fetches until so many bytes have come, then gives up. */
async function getPart(client: Client, path: string, bytes: number, streams: number) {
  const cut = new AbortController();
  const onProgress = (received: number) => received >= bytes && cut.abort(new Error("Cut"));
  const options = { resume: true, signal: cut.signal, onProgress, streams };
  await assert.rejects(client.get("a", path, options), { message: "Cut" });
}

Deno.test("get() over several connections writes what is stored, and nothing else", async () => {
  await using bench = await ResumeBench.open();
  await using client = await connectToTwo(bench);
  const here = bench.path("here");
  await Deno.mkdir(here);
  for (const length of [8 * MIB, 8 * MIB + 1, 25 * MIB + 7]) {
    const data = await store(bench, length);
    for (const streams of [1, 3, 16]) {
      const path = join(here, `copy-${streams}`);
      const seen: number[] = [];
      const onProgress = (bytes: number) => seen.push(bytes);
      const result = await client.get("a", path, { streams, overwrite: "always", onProgress });
      await assertSame(path, data);
      assert.equal(result.sha256, sha256(data));
      assert.equal(
        result.streams,
        Math.min(streams, length === CHUNK ? 1 : Math.ceil(length / CHUNK)),
      );
      assert.deepEqual([result.bytes, result.resumedFrom, seen.at(-1)], [length, 0, length]);
    }
  }
  const names = Array.from(Deno.readDirSync(here), ({ name }) => name).sort();
  assert.deepEqual(names, ["copy-1", "copy-16", "copy-3"]);
  await assert.rejects(client.get("a", join(here, "b"), { streams: 0 }), {
    code: "invalid-option",
  });
});

for (const streams of [1, 3]) {
  Deno.test(`get() over ${streams} goes on where it was, but for the chunk that is wrong`, async () => {
    await using bench = await ResumeBench.open();
    await using client = await connectToTwo(bench);
    const here = bench.path("here");
    await Deno.mkdir(here);
    const path = join(here, "copy");
    const data = await store(bench, 48 * MIB);
    for (const again of [1, 2]) {
      await getPart(client, path, 32 * MIB, streams);
      const part = leftover(here);
      await flip(part, CHUNK + 5);
      const { resumedFrom, sha256: got } = await client.get("a", path, {
        resume: true,
        streams: again,
      });
      assert.equal(got, sha256(data));
      await assertSame(path, data);
      // What had come, less the chunk that was wrong, and what was not yet noted of those under way.
      assert.ok(resumedFrom >= 32 * MIB - CHUNK - 2 * streams * 3 * MIB, `${resumedFrom}`);
      assert.ok(resumedFrom <= 48 * MIB - CHUNK, `${resumedFrom}`);
      assert.deepEqual(Array.from(Deno.readDirSync(here), ({ name }) => name), ["copy"]);
      await Deno.remove(path);
    }
  });
}

Deno.test("get() in chunks begins again where the file has changed, also in between", async () => {
  await using bench = await ResumeBench.open();
  await using client = await connectToTwo(bench);
  const path = bench.path("copy");
  await store(bench, 30 * MIB);
  await getPart(client, path, 20 * MIB, 2);
  const data = await store(bench, 30 * MIB + 1);
  const { resumedFrom } = await client.get("a", path, { resume: true, streams: 2 });
  assert.equal(resumedFrom, 0);
  await assertSame(path, data);
});

Deno.test("get() and put() move files as a whole where a server knows no chunks", async () => {
  await using bench = await ResumeBench.open();
  const since = new Set(["file.digests", "file.put_striped", "file.put_chunks"]);
  const old = new HandlerRegistry(builtinHandlers().filter(({ name }) => !since.has(name)));
  await using client = await bench.connect(await bench.serve(undefined, undefined, [], old));
  const data = randomData(20 * MIB);
  const source = await bench.source(data);
  const put = await client.put(source, "a", { streams: 2 });
  assert.deepEqual([put.streams, put.sha256], [1, sha256(data)]);
  const path = bench.path("copy");
  const got = await client.get("a", path, { streams: 2 });
  assert.deepEqual([got.streams, got.sha256], [1, sha256(data)]);
  await assertSame(path, data);
});

Deno.test("get() over several connections ends where its signal says so, and leaves nothing", async () => {
  await using bench = await ResumeBench.open();
  await using client = await connectToTwo(bench);
  const here = bench.path("here");
  await Deno.mkdir(here);
  await store(bench, 50 * MIB);
  const cut = new AbortController();
  const onProgress = (received: number) => received >= 10 * MIB && cut.abort(new Error("Cut"));
  const options = { signal: cut.signal, onProgress, streams: 4 };
  await assert.rejects(client.get("a", join(here, "b"), options), { message: "Cut" });
  assert.deepEqual(Array.from(Deno.readDirSync(here)), []);
  await until("nothing is sent", () => !bench.counters.values.transfers);
});
