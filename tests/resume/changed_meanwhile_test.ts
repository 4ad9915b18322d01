import assert from "node:assert/strict";
import { join } from "node:path";
import { MIB, randomData, ResumeBench, sha256 } from "./bench.ts";

const SIZE = 96 * MIB;

for (const size of [SIZE, MIB]) {
  Deno.test(`get() of a file that somebody ${size < SIZE ? "cuts" : "rewrites"} meanwhile ends with cannot-resume, and nothing is there`, async () => {
    await using bench = await ResumeBench.open();
    const client = await bench.connect(await bench.serve());
    const stored = join(bench.root, "file");
    await Deno.writeFile(stored, new Uint8Array(SIZE));
    const target = bench.path("target");
    let changed = false;
    const onProgress = () => {
      if (changed) return;
      changed = true;
      if (size < SIZE) Deno.truncateSync(stored, size);
      Deno.utimeSync(stored, 1, 1);
    };
    const getting = client.get("file", target, { onProgress });
    await assert.rejects(getting, { code: "cannot-resume", message: /changed on the server/ });
    assert.ok(changed);
    await assert.rejects(Deno.lstat(target), Deno.errors.NotFound);
    await client.get("file", target);
    assert.equal((await Deno.stat(target)).size, size);
  });
}

Deno.test("get() of a file that somebody writes on to meanwhile is what it was", async () => {
  await using bench = await ResumeBench.open();
  const client = await bench.connect(await bench.serve());
  const data = randomData(16 * MIB);
  const stored = join(bench.root, "file");
  await Deno.writeFile(stored, data);
  const onProgress = () => Deno.writeTextFileSync(stored, "a line\n", { append: true });
  const got = await client.get("file", bench.path("target"), { onProgress });
  assert.equal(got.sha256, sha256(data));
  assert.equal(sha256(await Deno.readFile(bench.path("target"))), sha256(data));
});

Deno.test("put() on two connections of a file that is cut meanwhile says so, and nothing is stored", async () => {
  await using bench = await ResumeBench.open();
  const client = await bench.connect(await bench.serve());
  const source = bench.path("source");
  await Deno.writeFile(source, new Uint8Array(SIZE));
  let changed = false;
  const onProgress = () => {
    if (!changed) Deno.truncateSync(source, MIB);
    changed = true;
  };
  const putting = client.put(source, "file", { streams: 2, onProgress });
  await assert.rejects(putting, { code: "size-changed", message: /Cannot send ".*source": it / });
  await assert.rejects(Deno.lstat(join(bench.root, "file")), Deno.errors.NotFound);
});
