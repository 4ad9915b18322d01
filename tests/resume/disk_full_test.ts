import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { roomOfInfo, SpaceAccount } from "../../transfer/storage/space_account.ts";
import { MIB, newId, randomData, ResumeBench } from "./bench.ts";
import { diskSpace } from "../../ffi/mod.ts";
import { mayMount, mountMemory } from "../fixtures/mounts.ts";

/** As on a file system that reserves nothing. */
const withoutReserving = () => new SpaceAccount(0, () => Promise.resolve("unsupported"));

Deno.test({
  name: "put() onto a full disk says so, keeps nothing there, and succeeds when there is room",
  ignore: !mayMount,
  async fn() {
    await using bench = await ResumeBench.open();
    await using disk = await mountMemory(bench.root, "size=24m");
    if (disk === undefined) return;
    const client = await bench.connect(await bench.serve(undefined, { space: withoutReserving() }));
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
for (const reserves of [true, false]) {
  Deno.test({
    name: `put() of two files at once that do not fit together${
      reserves ? "" : ", where the disk reserves nothing"
    }: one is refused at once, and what is left takes no room`,
    ignore: !mayMount,
    async fn() {
      await using bench = await ResumeBench.open();
      await using disk = await mountMemory(bench.root, "size=24m");
      if (disk === undefined) return;
      const serve = () => bench.serve(undefined, reserves ? {} : { space: withoutReserving() });
      const [one, two] = [await serve(), await serve()];
      const data = randomData(16 * MIB);
      for (const servers of [[one, one], [one, two]]) {
        const sent = [0, 0];
        const results = await Promise.allSettled(servers.map(async (server, index) => {
          const onProgress = (bytes: number) => void (sent[index] = bytes);
          const options = { part: newId(), onProgress };
          await (await bench.connect(server)).put(data, `${index}`, options);
        }));
        const refused = results.findIndex((result) => result.status === "rejected");
        assert.equal(results[1 - refused]?.status, "fulfilled", JSON.stringify(results));
        const result = results[refused];
        assert.ok(result?.status === "rejected");
        assert.equal(result.reason.code, "no-space");
        const missing = result.reason.missingBytes;
        assert.match(result.reason.message, /16 MiB does not fit .*: [78](?:\.\d)? MiB missing/);
        assert.ok(missing > 7 * MIB && missing < 9 * MIB, result.reason.message);
        // What the window takes goes with the request.
        assert.ok((sent[refused] ?? 0) < 16 * MIB, `${sent} bytes were sent`);
        assert.deepEqual(bench.staged(), []);
        const client = await bench.connect(one);
        await client.put(randomData(5 * MIB), "third", { part: newId() });
        for (const name of [`${1 - refused}`, "third"]) await client.remove(name);
      }
    },
  });
}

Deno.test({
  name: "put() that is interrupted keeps its room, until a smaller one needs it that fits no more",
  ignore: !mayMount,
  async fn() {
    await using bench = await ResumeBench.open();
    await using disk = await mountMemory(bench.root, "size=24m");
    if (disk === undefined) return;
    const [one, two] = [await bench.serve(), await bench.serve()];
    const client = await bench.connect(one);
    const part = newId();
    const broken = new AbortController();
    const onProgress = () => {
      if (stagedSizes(bench).some(({ size }) => size > MIB)) broken.abort();
    };
    const options = { part, onProgress, signal: broken.signal };
    await assert.rejects(client.put(randomData(16 * MIB), "large", options));
    await bench.idle();
    const [kept, ...others] = stagedSizes(bench);
    assert.ok(kept !== undefined && others.length === 0);
    assert.ok(kept.size < 16 * MIB && kept.room >= 16 * MIB, JSON.stringify(kept));
    const other = await bench.connect(two);
    await other.put(randomData(4 * MIB), "small", { part: newId() });
    assert.equal(bench.staged().length, 1);
    await other.put(randomData(8 * MIB), "middle", { part: newId() });
    assert.deepEqual(bench.staged(), []);
  },
});

Deno.test({
  name: "put() leaves what is to be kept free, for small files as for large ones",
  ignore: !mayMount,
  async fn() {
    await using bench = await ResumeBench.open();
    await using disk = await mountMemory(bench.root, "size=24m");
    if (disk === undefined) return;
    const server = await bench.serve(undefined, { space: new SpaceAccount(16 * MIB) });
    const client = await bench.connect(server);
    const endless = { read: (into: Uint8Array) => Promise.resolve(into.length) };
    await assert.rejects(client.putStream(endless, "endless"), { code: "no-space" });
    assert.deepEqual(bench.staged(), []);
    for (const size of [9 * MIB, 60_000]) {
      for (let index = 0; index < 200; index++) {
        const outcome = await client.put(randomData(size), `${size}-${index}`).then(
          () => "stored",
          (error) => error.code,
        );
        if (outcome === "stored") continue;
        assert.equal(outcome, "no-space");
        break;
      }
    }
    const free = diskSpace(bench.root)?.free ?? 0;
    assert.ok(free >= 16 * MIB && free < 16.2 * MIB, `${free} bytes are free`);
  },
});

Deno.test("put() is refused at once where the system lets the server have no more of the disk", async () => {
  await using bench = await ResumeBench.open();
  const space = new SpaceAccount(0, () => Promise.resolve("full"));
  const client = await bench.connect(await bench.serve(undefined, { space }));
  let sent = 0;
  const onProgress = (bytes: number) => void (sent = bytes);
  await assert.rejects(client.put(randomData(40 * MIB), "a", { part: newId(), onProgress }), {
    code: "no-space",
    message: /a file of 40 MiB does not fit .* the quota of its user there is used up/,
  });
  assert.ok(sent < 40 * MIB, `${sent} bytes were sent`);
  assert.deepEqual(bench.staged(), []);
});

/** How long each staged file is, and what it takes up. */
function stagedSizes(bench: ResumeBench): { size: number; room: number }[] {
  const directory = join(bench.root, ".msquicd", "uploads");
  return bench.staged().map((name) => {
    const info = Deno.statSync(join(directory, name));
    return { size: info.size, room: roomOfInfo(info) };
  });
}

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

for (const streams of [1, 2]) {
  Deno.test({
    name:
      `get() over ${streams} onto a disk here with too little room ends before its first byte; with enough, others cannot take it`,
    ignore: !mayMount,
    async fn() {
      await using bench = await ResumeBench.open();
      const here = bench.path("here");
      await using disk = await mountMemory(here, "size=24m");
      if (disk === undefined) return;
      const client = await bench.connect(await bench.serve());
      const data = randomData(16 * MIB);
      await Deno.writeFile(join(bench.root, "a"), data);
      const [target, filler] = [join(here, "a"), join(here, "filler")];
      await Deno.writeFile(filler, new Uint8Array(11 * MIB));
      const none = () => assert.fail("Something came");
      const refused = client.get("a", target, { streams, resume: true, onProgress: none });
      await assert.rejects(refused, {
        code: "no-space",
        missingBytes: 3 * MIB,
        message: /^Cannot write ".*\/a": a file of 16 MiB does not fit on its disk: 3 MiB missing$/,
      });
      assert.deepEqual(Array.from(Deno.readDirSync(here), ({ name }) => name), ["filler"]);
      await Deno.remove(filler);

      const cut = new AbortController();
      const part = { resume: true, signal: cut.signal, onProgress: () => cut.abort() };
      await assert.rejects(client.get("a", target, { streams, ...part }));
      const [{ name: kept } = assert.fail("Nothing was kept")] = Deno.readDirSync(here);
      const { size, blocks } = await Deno.stat(join(here, kept));
      if (streams === 1) assert.ok((blocks ?? 0) * 512 < size + MIB, `${blocks} of ${size}`);

      let filled = 0;
      const onProgress = () => {
        if (filled > 0) return;
        filled = diskSpace(here)?.free ?? 0;
        Deno.writeFileSync(filler, new Uint8Array(filled));
      };
      await client.get("a", target, { streams, resume: true, onProgress });
      assert.ok(filled > 7 * MIB && filled <= 8 * MIB, `${filled}`);
      assert.equal(Buffer.compare(await Deno.readFile(target), data), 0);
    },
  });
}
