import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import type { Client } from "../../client/mod.ts";
import { diskSpace, renameNew } from "../../ffi/mod.ts";
import type { RemoteError } from "../../protocol/mod.ts";
import { removeStaleUploads, uploadOwner } from "../../worker/life/uploads.ts";
import { openStorageRoot } from "../../transfer/mod.ts";
import { copyName, noteCopy } from "../../transfer/storage/copy_beside.ts";
import { SpaceAccount } from "../../transfer/storage/space_account.ts";
import { mayMount, mountFile, mountMemory } from "../fixtures/mounts.ts";
import { MIB, newId, randomData, ResumeBench, until } from "./bench.ts";

function namesIn(path: string): string[] {
  return Array.from(Deno.readDirSync(path), ({ name }) => name).sort();
}

/** A test of a storage that has another file system mounted on `mnt`, with room for 24 MiB. */
function mountTest(
  name: string,
  fn: (bench: ResumeBench, client: Client, mount: string) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore: !mayMount,
    async fn() {
      await using bench = await ResumeBench.open();
      const client = await bench.connect(await bench.serve());
      const mount = join(bench.root, "mnt");
      await using disk = await mountMemory(mount, "size=24m");
      if (disk !== undefined) await fn(bench, client, mount);
    },
  });
}

mountTest(
  "move() to below a mount point copies a file with its mode, and refuses a directory",
  async (bench, client, mount) => {
    const data = randomData(200_000);
    const source = await bench.source(data);
    await Deno.chmod(source, 0o750);
    await client.put(source, "file");
    await client.put(source, "mnt/direct");
    await client.move("file", "mnt/new/file");
    for (const name of ["mnt/new/file", "mnt/direct"]) {
      assert.equal(Buffer.compare(await bench.stored(name), data), 0);
      assert.equal((await client.stat(name)).mode, 0o750);
    }
    await assert.rejects(client.stat("file"), { code: "not-found" });
    await client.put(data, "dir/a");
    await assert.rejects(client.move("dir", "mnt/dir"), { code: "other-file-system" });
    await client.move("mnt/new/file", "dir/b");
    assert.deepEqual(namesIn(join(bench.root, "dir")), ["a", "b"]);
    assert.deepEqual([bench.staged(), namesIn(mount)], [[], ["direct"]]);
  },
);

// C4
mountTest(
  "put() below a mount point inside the root stores files, as anywhere else",
  async (bench, client, mount) => {
    for (const size of [0, 100, 200_000, 3 * MIB]) {
      for (const name of ["mnt/file", "mnt/new/directory/file"]) {
        const [data, other] = [randomData(size), randomData(size)];
        const mtime = Date.UTC(2020, 1, 3);
        const source = await bench.source(data);
        await Deno.utime(source, mtime / 1000, mtime / 1000);
        await client.put(source, name, { part: newId() });
        assert.equal(Buffer.compare(await bench.stored(name), data), 0);
        assert.equal((await client.stat(name)).mtime, mtime);
        await assert.rejects(client.put(other, name), { code: "file-exists" });
        assert.equal(Buffer.compare(await bench.stored(name), data), 0);
        const id = newId();
        await client.put(other, name, { overwrite: "always", id, repeated: false });
        assert.equal(Buffer.compare(await bench.stored(name), other), 0);
        // Repeated, it is known.
        const again = await client.put(other, name, { id });
        assert.equal(again.resumedFrom, size);
        await client.remove(name);
        assert.deepEqual([bench.staged(), namesIn(mount)], [[], []]);
      }
    }
    const contents = Array.from({ length: 8 }, () => randomData(300_000));
    const results = await Promise.allSettled(contents.map((data) => client.put(data, "mnt/one")));
    assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
    const stored = await bench.stored("mnt/one");
    assert.ok(contents.some((data) => Buffer.compare(stored, data) === 0));
    // It fits where it is staged, but not there.
    const large = client.put(randomData(30 * MIB), "mnt/large", { part: newId() });
    await assert.rejects(large, { code: "no-space" });
    let sent = 0;
    const onProgress = (bytes: number) => void (sent = bytes);
    const huge = client.put(new Uint8Array(100 * MIB), "mnt/huge", { onProgress });
    await assert.rejects(huge, { code: "no-space" });
    assert.ok(sent < 50 * MIB, "It is refused before it is sent");
    assert.deepEqual([bench.staged(), namesIn(mount)], [[], ["one"]]);
  },
);

Deno.test({
  name:
    "put() and move() leave what is to be kept free of a disk that is mounted below the root, too",
  ignore: !mayMount,
  async fn() {
    await using bench = await ResumeBench.open();
    const space = new SpaceAccount(16 * MIB);
    const [one, two] = [
      await bench.serve(undefined, { space }),
      await bench.serve(undefined, { space: new SpaceAccount(16 * MIB) }),
    ];
    const client = await bench.connect(one);
    const mount = join(bench.root, "mnt");
    await using disk = await mountMemory(mount, "size=32m");
    if (disk === undefined) return;
    const noSpace = { code: "no-space" };
    for (const size of [17 * MIB, 20 * MIB]) {
      const part = newId();
      const large = client.put(randomData(size), "mnt/new/large", { part });
      await assert.rejects(large, (error: RemoteError) => {
        assert.match(error.message, /does not fit on the server's disk: [1-4](\.\d)? MiB missing/);
        return error.code === "no-space" && (error.missingBytes ?? 0) >= size - 16 * MIB;
      });
    }
    const endless = { read: (into: Uint8Array) => Promise.resolve(into.length) };
    await assert.rejects(client.putStream(endless, "mnt/endless"), noSpace);
    // They fit singly.
    const sent = [0, 0];
    const results = await Promise.allSettled([one, two].map(async (server, index) => {
      const onProgress = (bytes: number) => void (sent[index] = bytes);
      const options = { part: newId(), onProgress };
      await (await bench.connect(server)).put(randomData(10 * MIB), `mnt/${index}`, options);
    }));
    const refused = results.findIndex(({ status }) => status === "rejected");
    const [result, other] = [results[refused], results[1 - refused]];
    assert.equal(result?.status, "rejected", JSON.stringify(results));
    assert.equal(result.reason.code, "no-space", String(result.reason));
    assert.equal(other?.status, "fulfilled");
    assert.ok((sent[refused] ?? 0) < 10 * MIB, `${sent} bytes were sent`);
    await client.put(randomData(7 * MIB), "elsewhere", { part: newId() });
    await assert.rejects(client.move("elsewhere", "mnt/moved"), noSpace);
    for (let index = 0; index < 200; index++) {
      const outcome = await client.put(randomData(60_000), `mnt/small-${index}`).then(
        () => "stored",
        (error) => error.code,
      );
      if (outcome === "stored") continue;
      assert.equal(outcome, "no-space");
      break;
    }
    const free = diskSpace(mount)?.free ?? 0;
    assert.ok(free >= 16 * MIB && free < 16.2 * MIB, `${free} bytes are free`);
    assert.deepEqual(namesIn(mount).filter((name) => /msquicd|new|endless/.test(name)), []);
    assert.deepEqual(bench.staged(), []);
  },
});

mountTest(
  "a file on its way below a mount point is seen by nobody, and removed if its worker dies",
  async (bench, client, mount) => {
    const seen = new Set<string>();
    const watching = new AbortController();
    const watch = async () => {
      for await (const { paths } of watcher) for (const path of paths) seen.add(path);
    };
    using watcher = Deno.watchFs(mount);
    watching.signal.addEventListener("abort", () => watcher.close());
    const watched = watch();
    await client.put(randomData(5 * MIB), "mnt/file", { part: newId() });
    await until("the way is seen", () => seen.size >= 2);
    watching.abort();
    await watched;
    const [onItsWay] = Array.from(seen, (path) => path.split("/").at(-1)!)
      .filter((name) => name !== "file" && name !== "mnt");
    assert.match(onItsWay ?? "", /^\.msquicd-[0-9a-f-]{36}\.part$/);
    await assert.rejects(client.stat(`mnt/${onItsWay}`), { code: "invalid-name" });
    // As a killed worker leaves it, beside what looks like it and is nobody's.
    const root = await openStorageRoot(bench.root);
    const [left, other] = [copyName(), copyName()];
    for (const name of [left, other, "kept"]) await Deno.writeTextFile(join(mount, name), "left");
    await noteCopy(root.staging, uploadOwner(1), ["mnt", left], true);
    await noteCopy(root.staging, uploadOwner(2), ["mnt", "kept"], true);
    await noteCopy(root.staging, uploadOwner(3), ["..", left], true);
    assert.deepEqual(await Array.fromAsync(client.list(), ({ name }) => name), [
      "mnt/file",
      "mnt/kept",
    ]);
    await removeStaleUploads(root, () => false);
    assert.deepEqual(namesIn(mount), [other, "file", "kept"].sort());
    assert.deepEqual(bench.staged(), []);
  },
);

Deno.test({
  name: "renameNew() takes a name that is free, and leaves one that is not",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const directory = await Deno.makeTempDir({ prefix: "msquicd-rename-" });
    try {
      const [from, to] = [join(directory, "from"), join(directory, "to")];
      await Deno.writeTextFile(from, "one");
      assert.equal(renameNew(from, to), "done");
      await Deno.writeTextFile(from, "two");
      assert.equal(renameNew(from, to), "exists");
      assert.deepEqual([await Deno.readTextFile(from), await Deno.readTextFile(to)], [
        "two",
        "one",
      ]);
      const missing = join(directory, "missing", "x");
      assert.throws(() => renameNew(from, missing), Deno.errors.NotFound);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
});

Deno.test({
  name:
    "a file that something is mounted on can be read, and is in use to who replaces or removes it",
  ignore: !mayMount,
  async fn() {
    await using bench = await ResumeBench.open();
    const client = await bench.connect(await bench.serve());
    const content = randomData(10);
    await client.put(randomData(20), "file");
    const source = await bench.source(content);
    await using mounted = await mountFile(source, join(bench.root, "file"));
    if (mounted === undefined) return;
    const inUse = { code: "file-in-use" };
    for (const size of [10, 3 * MIB]) {
      const options = { overwrite: "always", part: newId() } as const;
      await assert.rejects(client.put(randomData(size), "file", options), inUse);
    }
    await assert.rejects(client.remove("file"), inUse);
    assert.equal(Buffer.compare(await bench.stored("file"), content), 0);
    assert.deepEqual(bench.staged(), []);
  },
});
