import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Client } from "../../client/mod.ts";
import { MIB, randomData, ResumeBench, sha256 } from "./bench.ts";

/** Fetches until so many bytes have come, then gives up. */
async function getPart(client: Client, path: string, bytes: number): Promise<void> {
  const cut = new AbortController();
  const onProgress = (received: number) => received >= bytes && cut.abort(new Error("Cut"));
  const fetching = client.get("a", path, { resume: true, signal: cut.signal, onProgress });
  await assert.rejects(fetching, { message: "Cut" });
}

Deno.test("get() goes on where it was cut, at another server, unless the file has changed", async () => {
  await using bench = await ResumeBench.open();
  const [one, two] = [
    await bench.connect(await bench.serve()),
    await bench.connect(await bench.serve()),
  ];
  const here = join(bench.root, "..", "here");
  await Deno.mkdir(here);
  const path = join(here, "copy");
  for (const change of ["nothing", "content", "what is here"] as const) {
    let data = randomData(20 * MIB);
    await one.put(data, "a", { overwrite: "always" });
    await getPart(one, path, 8 * MIB);
    const [{ name } = assert.fail("Nothing was kept")] = Array.from(Deno.readDirSync(here));
    if (change === "content") {
      data = randomData(20 * MIB);
      await one.put(data, "a", { overwrite: "always" });
    }
    if (change === "what is here") {
      using file = await Deno.open(join(here, name), { write: true });
      await file.write(new Uint8Array(MIB));
    }
    const result = await two.get("a", path, { resume: true });
    if (change === "nothing") assert.ok(result.resumedFrom > 0);
    if (change === "content") assert.equal(result.resumedFrom, 0);
    // What is wrong here costs its chunk alone.
    if (change === "what is here") assert.ok(result.resumedFrom <= 12 * MIB);
    assert.equal(result.sha256, sha256(data));
    assert.equal(Buffer.compare(await Deno.readFile(path), data), 0);
    assert.deepEqual(Array.from(Deno.readDirSync(here), (entry) => entry.name), ["copy"]);
    await Deno.remove(path);
  }
  await assert.rejects(
    one.get("a", path, { signal: AbortSignal.timeout(1) }),
    { name: "TimeoutError" },
  );
  assert.deepEqual(Array.from(Deno.readDirSync(here)), []);
});
