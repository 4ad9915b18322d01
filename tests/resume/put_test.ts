import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Client, isInterruption } from "../../client/mod.ts";
import { MIB, newId, randomData, ResumeBench, sha256, until } from "./bench.ts";

/** Sends until so many bytes have been sent, then gives up. */
async function putPart(
  client: Client,
  source: string | Uint8Array,
  id: string,
  bytes: number,
  repeated = false,
): Promise<void> {
  const cut = new AbortController();
  const onProgress = (sent: number) => sent >= bytes && cut.abort(new Error("Cut"));
  const sending = client.put(source, "a", {
    id,
    part: id,
    repeated,
    overwrite: "always",
    signal: cut.signal,
    onProgress,
  });
  await assert.rejects(sending, { message: "Cut" });
}

function assertSame(actual: Uint8Array, expected: Uint8Array): void {
  assert.equal(Buffer.compare(actual, expected), 0, "Other bytes were stored");
}

Deno.test("put() goes on where it was cut, at another server of the same storage", async () => {
  await using bench = await ResumeBench.open();
  const [one, two] = [await bench.serve(), await bench.serve()];
  const data = randomData(20 * MIB);
  for (const [name, source] of Object.entries({ memory: data, file: await bench.source(data) })) {
    const id = newId();
    await putPart(await bench.connect(one), source, id, 8 * MIB);
    await bench.idle();
    assert.equal(bench.staged().length, 1, name);
    const client = await bench.connect(two);
    const result = await client.put(source, "a", { id, part: id, overwrite: "always" });
    assert.ok(result.resumedFrom > 0 && result.resumedFrom < data.length, `${result.resumedFrom}`);
    assert.equal(result.sha256, sha256(data));
    assertSame(await bench.stored("a"), data);
    assert.deepEqual(bench.staged(), []);
  }
});

Deno.test("put() with an id that was stored answers as then, and stores nothing twice", async () => {
  await using bench = await ResumeBench.open();
  const [one, two] = [await bench.serve(), await bench.serve()];
  for (const length of [0, 1, 3 * MIB]) {
    const [name, id, data] = [`${length}`, newId(), randomData(length)];
    const client = await bench.connect(one);
    assert.equal((await client.put(data, name, { id, repeated: false })).resumedFrom, 0);
    const before = await Deno.stat(`${bench.root}/${name}`);
    for (const server of [one, two]) {
      const again = await bench.connect(server);
      const asked = await again.put(data, name, { id });
      assert.deepEqual([asked.sha256, asked.resumedFrom], [sha256(data), length]);
      const unasked = await again.put(data, name, { id, repeated: false });
      assert.equal(unasked.sha256, sha256(data));
    }
    assert.equal((await Deno.stat(`${bench.root}/${name}`)).ino, before.ino);
    const other = client.put(data, name, {});
    await assert.rejects(other, { code: "file-exists" });
  }
  assert.deepEqual(bench.staged(), []);
});

Deno.test("put() with the id of a stored file that has changed since is another upload", async () => {
  await using bench = await ResumeBench.open();
  const client = await bench.connect(await bench.serve());
  const id = newId();
  await client.put(randomData(2 * MIB), "a", { id });
  const changed = randomData(2 * MIB);
  await assert.rejects(client.put(changed, "a", { id }), { code: "file-exists" });
  const { sha256: stored } = await client.put(changed, "a", { id, overwrite: "always" });
  assert.equal(stored, sha256(changed));
  assertSame(await bench.stored("a"), changed);
});

Deno.test("put() with a part remembers nothing of what was stored whole", async () => {
  await using bench = await ResumeBench.open();
  const client = await bench.connect(await bench.serve());
  const data = randomData(2 * MIB);
  const part = newId();
  await client.put(data, "a", { part });
  await assert.rejects(client.put(data, "a", { part }), { code: "file-exists" });
  await client.remove("a");
  assert.equal((await client.put(data, "a", { part })).resumedFrom, 0);
  assertSame(await bench.stored("a"), data);
});

Deno.test("put() of a source that has changed since begins again, once", async () => {
  await using bench = await ResumeBench.open();
  const client = await bench.connect(await bench.serve());
  for (const kind of ["memory", "file"]) {
    const id = newId();
    const before = randomData(12 * MIB);
    await putPart(client, kind === "file" ? await bench.source(before) : before, id, 6 * MIB);
    await bench.idle();
    const after = before.slice();
    after[5] = after[5]! ^ 1;
    const source = kind === "file" ? await bench.source(after) : after;
    const result = await client.put(source, "a", { id, part: id, overwrite: "always" });
    assert.deepEqual([result.sha256, result.resumedFrom], [sha256(after), 0]);
    assertSame(await bench.stored("a"), after);
    assert.deepEqual(bench.staged(), []);
  }
});

Deno.test("put() keeps nothing of what is cancelled and cannot be named again", async () => {
  await using bench = await ResumeBench.open();
  const client = await bench.connect(await bench.serve());
  const cut = new AbortController();
  const onProgress = (bytes: number) => bytes >= 6 * MIB && cut.abort(new Error("Cut"));
  const sending = client.put(randomData(12 * MIB), "a", { signal: cut.signal, onProgress });
  await assert.rejects(sending, { message: "Cut" });
  await until("nothing is left", () => bench.staged().length === 0);
});

Deno.test("put() of a file that becomes shorter leaves nothing at the server, not even a part", async () => {
  await using bench = await ResumeBench.open();
  const client = await bench.connect(await bench.serve());
  const source = await bench.source(randomData(64 * MIB));
  let staged = 0;
  const onProgress = (bytes: number) => {
    if (bytes < 4 * MIB || staged > 0 || bench.staged().length === 0) return;
    staged = bench.staged().length;
    Deno.truncateSync(source, MIB);
  };
  const part = newId();
  await assert.rejects(client.put(source, "a", { id: part, part, repeated: false, onProgress }), {
    code: "size-changed",
    message:
      /^Cannot send ".*source": it became shorter while it was sent: \d+ bytes instead of 67108864$/,
  });
  assert.equal(staged, 1);
  await until("nothing is left", () => bench.staged().length === 0);
});

Deno.test("put() goes on when its server has stopped", async () => {
  await using bench = await ResumeBench.open();
  const [one, two] = [await bench.serve(), await bench.serve()];
  const data = randomData(24 * MIB);
  const id = newId();
  const client = await bench.connect(one);
  let stopped: Promise<void> | undefined;
  const onProgress = (bytes: number) => {
    if (bytes >= 8 * MIB) stopped ??= one.stop(AbortSignal.abort());
  };
  const sending = client.put(data, "a", { id, repeated: false, onProgress });
  await assert.rejects(sending, (error) => isInterruption(error));
  await stopped;
  const result = await (await bench.connect(two)).put(data, "a", { id });
  assert.ok(result.resumedFrom > 0, "Nothing was kept");
  assertSame(await bench.stored("a"), data);
  assert.deepEqual(bench.staged(), []);
});

Deno.test("put() that is cut anywhere, any number of times, arrives whole", async () => {
  await using bench = await ResumeBench.open();
  const servers = [await bench.serve(), await bench.serve()] as const;
  const data = randomData(6 * MIB);
  const source = await bench.source(data);
  let count = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: data.length }),
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(1)), { maxLength: 4 }),
      fc.boolean(),
      async (size, cuts, fromFile) => {
        const id = newId();
        const name = `${count++}`;
        const content = data.subarray(0, size);
        await Deno.truncate(source, size);
        await Deno.writeFile(source, content);
        let repeated = false;
        for (const [where, which] of cuts) {
          const cut = new AbortController();
          const client = await bench.connect(servers[which as 0 | 1]);
          const sending = client.put(fromFile ? source : content, name, {
            id,
            part: id,
            repeated,
            signal: cut.signal,
            onProgress: (sent) => sent >= where * size && cut.abort(),
          });
          await sending.catch(() => {}); // it may also have come to its end
          await client.close();
          repeated = true;
        }
        const client = await bench.connect(servers[0]);
        const result = await client.put(fromFile ? source : content, name, {
          id,
          part: id,
          repeated,
        });
        assert.equal(result.sha256, sha256(content));
        assertSame(await bench.stored(name), content);
        await client.close();
        // Those who were cut may still be about to notice.
        await until("nothing is left", () => bench.staged().length === 0);
      },
    ),
    { numRuns: 12 },
  );
});
