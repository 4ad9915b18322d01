import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Client } from "../../client/mod.ts";
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
    { numRuns: 40 },
  );
});
