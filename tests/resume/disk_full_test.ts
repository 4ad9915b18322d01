import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { MIB, newId, randomData, ResumeBench } from "./bench.ts";
import { mayMount, mountMemory } from "../fixtures/mounts.ts";

Deno.test({
  name: "put() onto a full disk says so, keeps nothing there, and succeeds when there is room",
  ignore: !mayMount,
  async fn() {
    await using bench = await ResumeBench.open();
    await using disk = await mountMemory(bench.root, "size=24m");
    if (disk === undefined) return;
    const client = await bench.connect(await bench.serve());
    const data = randomData(16 * MIB);
    const id = newId();
    const filler = join(bench.root, "filler");
    let filled = false;
    const onProgress = (bytes: number) => {
      // Once it is staged, which comes after the check for free space, another program takes the room.
      if (filled || bytes < 4 * MIB || bench.staged().length === 0) return;
      filled = true;
      const room = new Uint8Array(14 * MIB);
      Deno.writeFileSync(filler, room);
    };
    const sending = client.put(data, "new/a", { id, part: id, repeated: false, onProgress });
    await assert.rejects(sending, { name: "RemoteError", code: "no-space" });
    assert.ok(filled);
    assert.deepEqual(bench.staged(), []);
    await assert.rejects(client.put(data, "new/a", { id, part: id }), { code: "no-space" });
    assert.deepEqual(bench.staged(), []);
    await client.put(randomData(8 * MIB), "smaller");
    await Deno.remove(filler);
    await Deno.remove(join(bench.root, "smaller"));
    await client.put(data, "new/a", { id, part: id });
    assert.equal(Buffer.compare(await bench.stored("new/a"), data), 0);
    assert.deepEqual(bench.staged(), []);
  },
});

// H1
Deno.test({
  name: "put() of two files at once that do not fit together: none stays, and a smaller one fits",
  ignore: !mayMount,
  async fn() {
    await using bench = await ResumeBench.open();
    await using disk = await mountMemory(bench.root, "size=24m");
    if (disk === undefined) return;
    const [one, two] = [await bench.serve(), await bench.serve()];
    const data = randomData(16 * MIB);
    for (const servers of [[one, one], [one, two]]) {
      const results = await Promise.allSettled(servers.map(async (server, index) => {
        const part = newId();
        await (await bench.connect(server)).put(data, `${index}`, { part });
      }));
      const refused = results.filter((result) => result.status === "rejected");
      // A server knows what it has promised; of two, each may find out only when the disk is full.
      if (servers[0] === servers[1]) assert.equal(refused.length, 1);
      else assert.ok(refused.length > 0);
      for (const { reason } of refused) assert.equal(reason.code, "no-space");
      assert.deepEqual(bench.staged(), []);
      const client = await bench.connect(one);
      await client.put(randomData(5 * MIB), "third", { part: newId() });
      for (const name of ["0", "1", "third"]) {
        await client.remove(name).catch((error) => assert.equal(error.code, "not-found"));
      }
    }
  },
});

Deno.test({
  name:
    "put() says no-space and leaves nothing, whichever step has no room for its file or directory",
  ignore: !mayMount,
  async fn() {
    await using bench = await ResumeBench.open();
    await Deno.mkdir(bench.root, { recursive: true });
    const seen = new Set<string>();
    // The root, its three private directories and the receipts take some; each further one is a step's.
    for (let inodes = 5; inodes <= 12; inodes++) {
      await using disk = await mountMemory(bench.root, `size=24m,nr_inodes=${inodes}`);
      if (disk === undefined) return;
      const client = await bench.connect(await bench.serve());
      for (const size of [10, 100_000, 2 * MIB]) {
        for (const overwrite of ["never", "always"] as const) {
          const data = randomData(size);
          const outcome = await client.put(data, "x/y/z", { part: newId(), overwrite }).then(
            () => "stored",
            (error) => error.code,
          );
          seen.add(outcome);
          assert.match(outcome, /^(?:stored|no-space)$/);
          assert.deepEqual(bench.staged(), []);
          if (outcome === "stored") await client.remove("x/y/z");
          assert.deepEqual(Array.from(Deno.readDirSync(bench.root), ({ name }) => name), [
            ".msquicd",
          ]);
        }
      }
      await client.close();
    }
    assert.deepEqual([...seen].sort(), ["no-space", "stored"]);
  },
});
