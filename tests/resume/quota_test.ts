import assert from "node:assert/strict";
import { join } from "node:path";
import type { Client } from "../../client/mod.ts";
import type { RemoteError } from "../../protocol/mod.ts";
import { holdDirectory } from "../../transfer/storage/hold_directory.ts";
import { Quotas } from "../../transfer/storage/quotas.ts";
import { lockUsage } from "../../transfer/storage/usage_lock.ts";
import { UsageBook } from "../../transfer/storage/usage_book.ts";
import { mayMount, mountMemory } from "../fixtures/mounts.ts";
import { MIB, newId, randomData, ResumeBench } from "./bench.ts";
import { stored } from "./usage_of.ts";

const EXCEEDED = { name: "RemoteError", code: "quota-exceeded" };

/** Has it be counted a minute ago. */
async function age(bench: ResumeBench): Promise<void> {
  using _alone = await lockUsage(join(bench.root, ".msquicd/uploads"));
  using own = holdDirectory(join(bench.root, ".msquicd"));
  using book = UsageBook.open(own);
  const used = new Map(book.keys.map((key) => [key, book.used(key)!]));
  book.renew(used, Date.now() - 60_000, 1);
}

/** Servers with the same quotas, as workers have them. */
async function serveTwo(bench: ResumeBench, directories: Record<string, number>) {
  const serve = () => bench.serve(undefined, { quotas: new Quotas(directories) });
  return [await serve(), await serve()] as const;
}

/** Two uploads at once, of which one is refused. @returns Why, and how much of it was sent. */
async function putTwo(
  [one, two]: readonly [Client, Client],
  size: number,
  name: (index: number) => string,
): Promise<{ error: RemoteError; sent: number; index: number }> {
  const sent = [0, 0];
  const results = await Promise.allSettled([one, two].map((client, index) => {
    const onProgress = (bytes: number) => void (sent[index] = bytes);
    return client.put(randomData(size), name(index), { part: newId(), onProgress });
  }));
  const index = results.findIndex(({ status }) => status === "rejected");
  const [refused, other] = [results[index], results[1 - index]];
  assert.ok(refused?.status === "rejected" && other?.status === "fulfilled");
  return { error: refused.reason, sent: sent[index] ?? 0, index };
}

Deno.test("A directory's quota holds over two servers: one of two uploads is refused at once, and leaves nothing", async () => {
  await using bench = await ResumeBench.open();
  const [one, two] = await serveTwo(bench, { photos: 20 * MIB, "photos/new": 15 * MIB });
  const clients = [await bench.connect(one), await bench.connect(two)] as const;
  for (const directory of ["photos", "photos/new"]) {
    const { error, sent } = await putTwo(clients, 12 * MIB, (index) => `${directory}/${index}`);
    assert.equal(error.code, "quota-exceeded");
    const [all, rest] = directory === "photos" ? [20, 4] : [15, 9];
    assert.match(
      error.message,
      new RegExp(
        `A file of 12 MiB does not fit into the quota of directory "${directory}": 12 MiB of ${all} MiB ` +
          `are used(, 12 MiB of them by uploads under way)?; ${rest} MiB missing`,
        "i",
      ),
    );
    assert.equal(error.missingBytes, rest * MIB);
    assert.ok(sent < 12 * MIB, `${sent} bytes were sent`);
    assert.deepEqual(bench.staged(), []);
    assert.equal((await stored(bench))[`d:${directory}`], 12 * MIB);
    const [file] = await Array.fromAsync(clients[0].list(`${directory}/`));
    await clients[1].remove(file!.name);
    assert.deepEqual(await stored(bench), { "d:photos": 0, "d:photos/new": 0 });
  }
  await clients[0].put(randomData(30 * MIB), "elsewhere", { part: newId() });
});

Deno.test("A directory's quota counts files in whichever way they come, are replaced, moved and removed", async () => {
  await using bench = await ResumeBench.open();
  const [one, two] = await serveTwo(bench, { a: 4 * MIB, "a/b": 2 * MIB });
  const [client, other] = [await bench.connect(one), await bench.connect(two)];
  const used = async () => {
    const { "d:a": a = 0, "d:a/b": b = 0 } = await stored(bench);
    return [a / MIB, b / MIB];
  };
  const always = { overwrite: "always" } as const;

  await client.put(randomData(3 * MIB), "a/x", { part: newId() });
  assert.deepEqual(await used(), [3, 0]);
  // What is replaced goes.
  await assert.rejects(
    other.put(randomData(5 * MIB), "a/x", { ...always, part: newId() }),
    EXCEEDED,
  );
  await other.put(randomData(4 * MIB), "a/x", { ...always, part: newId() });
  await assert.rejects(client.put(randomData(1), "a/y"), EXCEEDED);
  await other.put(randomData(MIB / 2), "a/x", always);
  await client.put(randomData(MIB / 4), "a/x", { ...always, part: newId() });
  assert.deepEqual(await used(), [0.25, 0]);
  await client.put(randomData(10), "a/x", always);
  await client.put(randomData(0), "a/x", always);
  assert.deepEqual(await used(), [0, 0]);

  // A pipe.
  const piece = randomData(MIB);
  const pipe = (bytes: number) => ({
    read(into: Uint8Array) {
      const length = Math.min(into.length, MIB, bytes);
      bytes -= length;
      into.set(piece.subarray(0, length));
      return Promise.resolve(length === 0 ? null : length);
    },
  });
  await assert.rejects(client.putStream(pipe(Infinity), "a/endless"), {
    ...EXCEEDED,
    message: /no more than the first 4 MiB fit into the quota of directory "a"/,
  });
  assert.deepEqual(bench.staged(), []);
  assert.deepEqual(await used(), [0, 0]);
  await client.putStream(pipe(1.75 * MIB), "a/b/pipe");
  assert.deepEqual(await used(), [1.75, 1.75]);
  await other.remove("a/b/pipe");

  // Moves of files and directories.
  await client.put(randomData(MIB), "b", { part: newId() });
  await client.put(randomData(3 * MIB), "c/d", { part: newId() });
  await client.put(randomData(5), "c/b/e");
  await other.move("b", "a/b/f");
  assert.deepEqual(await used(), [1, 1]);
  await client.move("a/b/f", "a/f");
  assert.deepEqual(await used(), [1, 0]);
  await assert.rejects(client.move("c", "a/c"), EXCEEDED);
  await client.move("a/f", "f");
  await other.remove("a/x");
  await client.move("c", "a");
  assert.deepEqual(await used(), [3 + 5 / MIB, 5 / MIB]);
  await assert.rejects(client.move("f", "a/f"), EXCEEDED);
  await client.move("f", "a/d", { overwrite: "always" });
  assert.deepEqual(await used(), [1 + 5 / MIB, 5 / MIB]);
  await client.move("a", "g");
  assert.deepEqual(await used(), [0, 0]);
  // A directory that cannot be moved costs no count of all that is stored.
  await client.put(randomData(5), "a/g/h");
  await assert.rejects(client.move("g", "a/g"), { code: "file-exists" });
  assert.deepEqual(await used(), [5 / MIB, 0]);
  await client.remove("a/g/h");

  // Many small ones.
  const small = Array.from({ length: 100 }, (_, index) => ({
    ...{ name: `a/b/${index}`, source: randomData(60_000) },
  }));
  const codes: unknown[] = [];
  for await (const result of other.putMany(small)) {
    codes.push("error" in result ? Object(result.error).code : "stored");
  }
  const fit = Math.floor(2 * MIB / 60_000);
  assert.deepEqual(codes.filter((code) => code === "stored").length, fit);
  assert.deepEqual(new Set(codes), new Set(["stored", "quota-exceeded"]));
  assert.deepEqual(await used(), [fit * 60_000 / MIB, fit * 60_000 / MIB]);
  assert.deepEqual(bench.staged(), []);
});

Deno.test({
  name: "A directory's quota counts what is copied to another disk, and from there",
  ignore: !mayMount,
  async fn() {
    await using bench = await ResumeBench.open();
    await using disk = await mountMemory(join(bench.root, "mnt"), "size=24m");
    if (disk === undefined) return;
    const [one] = await serveTwo(bench, { mnt: 4 * MIB });
    const client = await bench.connect(one);
    const used = async () => (await stored(bench))["d:mnt"];
    await client.put(randomData(2 * MIB), "mnt/a", { part: newId() });
    await client.put(randomData(2 * MIB), "b", { part: newId() });
    await client.put(randomData(MIB / 2), "mnt/c");
    await assert.rejects(client.put(randomData(2 * MIB), "mnt/d", { part: newId() }), EXCEEDED);
    await assert.rejects(client.move("b", "mnt/b"), EXCEEDED);
    assert.equal(await used(), 2.5 * MIB);
    await client.move("mnt/c", "c");
    await client.move("b", "mnt/b");
    assert.equal(await used(), 4 * MIB);
    await client.move("mnt/b", "mnt/a", { overwrite: "always" });
    assert.equal(await used(), 2 * MIB);
    assert.deepEqual(bench.staged(), []);
  },
});

Deno.test("What is kept of an interrupted upload counts for a quota, and goes when another upload needs it", async () => {
  await using bench = await ResumeBench.open();
  const [one, two] = await serveTwo(bench, { a: 20 * MIB });
  const [client, other] = [await bench.connect(one), await bench.connect(two)];
  const interrupt = async (name: string) => {
    const broken = new AbortController();
    const onProgress = (bytes: number) => bytes > 3 * MIB && broken.abort();
    const options = { part: newId(), onProgress, signal: broken.signal };
    await assert.rejects(client.put(randomData(8 * MIB), name, options));
    await bench.idle();
  };
  await interrupt("a/first");
  await interrupt("b/elsewhere");
  await interrupt("a/second");
  assert.equal(bench.staged().length, 3);
  // It fits beside what is kept; the next one in the place of the first; the last one not at all.
  const put = (size: number, name: string) =>
    other.put(randomData(size), name, { part: newId(), overwrite: "always" });
  await put(4 * MIB, "a/x");
  assert.equal(bench.staged().length, 3);
  await put(5 * MIB, "a/y");
  assert.equal(bench.staged().length, 2);
  await assert.rejects(put(12 * MIB, "a/z"), EXCEEDED);
  assert.equal(bench.staged().length, 2);
  await put(11 * MIB, "a/z");
  assert.equal(bench.staged().length, 1);
  assert.equal((await stored(bench))["d:a"], 20 * MIB);
});

Deno.test("What is used of a quota is counted again where it was counted long ago, and after a worker has died", async () => {
  await using bench = await ResumeBench.open();
  await Deno.mkdir(join(bench.root, "a/deep"), { recursive: true });
  await Deno.writeFile(join(bench.root, "a/deep/there"), randomData(MIB));
  const [one, two] = await serveTwo(bench, { a: 2 * MIB });
  const [client, other] = [await bench.connect(one), await bench.connect(two)];
  await assert.rejects(client.put(randomData(1.5 * MIB), "a/x"), EXCEEDED);
  await Deno.remove(join(bench.root, "a/deep/there"));
  await assert.rejects(
    client.put(randomData(1.5 * MIB), "a/x"),
    EXCEEDED,
    "It was counted just now",
  );
  await age(bench);
  await client.put(randomData(1.5 * MIB), "a/x");
  assert.equal((await stored(bench))["d:a"], 1.5 * MIB);
  {
    using own = holdDirectory(join(bench.root, ".msquicd"));
    using book = UsageBook.open(own);
    // It dies in the middle of a change.
    await Deno.remove(join(bench.root, "a/x"));
    book.begin();
  }
  await other.put(randomData(2 * MIB), "a/y", { part: newId() });
  assert.equal((await stored(bench))["d:a"], 2 * MIB);
  await Deno.writeTextFile(join(bench.root, ".msquicd/usage"), "no numbers");
  await assert.rejects(other.put(randomData(1), "a/z"), EXCEEDED);
  assert.equal((await stored(bench))["d:a"], 2 * MIB);
});
