import assert from "node:assert/strict";
import { StorageCheck } from "../../transfer/storage/storage_rules.ts";
import { MIB, newId, randomData, ResumeBench } from "./bench.ts";

Deno.test("A storage takes what its rules allow, in whichever way it comes", async () => {
  await using bench = await ResumeBench.open();
  const allowedNames = ["*.jpg", "photos/**", "a/b/c/d/e/f.txt"];
  const check = new StorageCheck({ maxFileBytes: MIB, allowedNames });
  const client = await bench.connect(await bench.serve(undefined, { check }));
  const refused = { code: "permission-denied", message: /\*\.jpg, photos\/\*\*, a\/b/ };
  for (const size of [10, MIB]) {
    for (const name of ["x.jpg", "photos/a/b.txt", "photos/c"]) {
      await client.put(randomData(size), `${name}`, { overwrite: "always" });
    }
    await assert.rejects(client.put(randomData(size), "x.txt"), refused);
    await assert.rejects(client.put(randomData(size), "sub/x.jpg", { part: newId() }), refused);
  }
  let sent = 0;
  const onProgress = (bytes: number) => void (sent = bytes);
  await assert.rejects(
    client.put(randomData(40 * MIB), "large.jpg", { onProgress }),
    { code: "file-too-large", message: /files of up to 1048576 bytes, and this one has 41943040/ },
  );
  assert.ok(sent < 40 * MIB);

  const endless = { read: (into: Uint8Array) => Promise.resolve(into.length) };
  await assert.rejects(client.putStream(endless, "endless.jpg"), { code: "file-too-large" });
  await assert.rejects(client.putStream(endless, "endless.txt"), refused);

  const failed: string[] = [];
  const packed = ["y.jpg", "y.txt"].map((name) => ({ name, source: randomData(100) }));
  for await (const result of client.putMany(packed)) {
    if ("error" in result) failed.push(`${result.file.name} ${Object(result.error).code}`);
  }
  assert.deepEqual(failed, ["y.txt permission-denied"]);

  await assert.rejects(client.move("x.jpg", "x.txt"), refused);
  await assert.rejects(client.move("photos", "pictures"), refused);
  await client.makeDirectory("photos/inner");
  await client.move("photos/a", "photos/inner/a");
  await client.move("x.jpg", "z.jpg");
  const names = await Array.fromAsync(client.list(), ({ name }) => name);
  assert.deepEqual(names, ["photos/c", "photos/inner/a/b.txt", "y.jpg", "z.jpg"]);
  assert.deepEqual(bench.staged(), []);
});
