import assert from "node:assert/strict";
import { join } from "node:path";
import type { FileListRequest } from "../../../protocol/mod.ts";
import { FileWalk } from "../../../transfer/storage/file_walk.ts";
import { Gate } from "../../../transfer/gate.ts";
import {
  listFiles,
  Listings,
  type ListReader,
  removeFile,
  type StorageRoot,
} from "../../../transfer/mod.ts";
import { OWN_TREE, temporaryStorage, tree, writeFile } from "../temporary.ts";

/** Someone who reads listings, until told that it is over. */
function reader(id: string): ListReader & { end: () => void } {
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  return { id, over, end };
}

async function store(root: StorageRoot, names: readonly string[]): Promise<void> {
  for (const name of names) await writeFile(join(root.path, name), name);
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `f${String(index).padStart(4, "0")}`);
}

async function namesOn(
  listings: Listings,
  root: StorageRoot,
  request: FileListRequest,
  who: ListReader,
): Promise<string[]> {
  const { entries } = await listings.page(root, request, who, new AbortController().signal);
  return entries.map(({ name }) => name);
}

// H2
Deno.test("Listings reads a directory once for all pages of a reader, and again for others", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  await store(root, numbered(30));
  const listings = new Listings();
  const [one, other] = [reader("one"), reader("other")];
  const first = await namesOn(listings, root, { limit: 10 }, one);
  assert.deepEqual(first, numbered(10));
  await store(root, ["f0010-new"]);
  const next = { limit: 10, after: first.at(-1)! };
  const wanted = numbered(20).slice(10);
  assert.deepEqual(await namesOn(listings, root, next, one), wanted);
  const anew = ["f0010", "f0010-new", ...wanted.slice(1, 9)];
  assert.deepEqual(await namesOn(listings, root, next, other), anew);
  // The rest of a listing is there once; who asks again is answered as anybody.
  assert.deepEqual(await namesOn(listings, root, next, one), anew);
});

Deno.test("Listings forgets what a reader has begun when it is over, and of too many the oldest", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  await store(root, numbered(30));
  const listings = new Listings();
  const [gone, busy] = [reader("gone"), reader("busy")];
  const next = { limit: 1, after: "f0000" };
  await namesOn(listings, root, { limit: 1 }, gone);
  for (let count = 0; count < 5; count++) {
    await namesOn(listings, root, { limit: 1, prefix: "f0000".slice(0, count) }, busy);
  }
  gone.end();
  await gone.over;
  await store(root, ["f0000-new"]);
  assert.deepEqual(await namesOn(listings, root, next, gone), ["f0000-new"]);
  assert.deepEqual(await namesOn(listings, root, next, busy), ["f0000-new"]);
  const last = { ...next, prefix: "f000" };
  assert.deepEqual(await namesOn(listings, root, last, busy), ["f0001"]);
});

// I3
Deno.test("a listing ends when nobody waits for it any more, and makes room for others", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  for (let tree = 0; tree < 5; tree++) {
    await store(root, [`${"a/".repeat(150)}${tree}`, `${tree}/${"b/".repeat(150)}x`]);
  }
  const listings = new Listings();
  const given = new Error("given up");
  const started = performance.now();
  await Promise.all(Array.from({ length: 100 }, async () => {
    const control = new AbortController();
    setTimeout(() => control.abort(given), 5);
    const page = listings.page(root, {}, reader("one"), control.signal);
    await assert.rejects(page, given);
  }));
  const abandoned = performance.now() - started;
  const alone = performance.now();
  const { entries } = await listings.page(root, {}, reader("two"), new AbortController().signal);
  assert.equal(entries.length, 10);
  // A hundred that are given up take no longer than a few that are not.
  const ms = performance.now() - alone;
  assert.ok(abandoned < 500 + 5 * ms, `${abandoned} ms, and ${ms} ms for one`);
});

Deno.test("listFiles() lists, and removeFile() removes, what is deeper than can be stored", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  const name = `${"d/".repeat(200)}file`;
  await store(root, [name]);
  const { entries } = await listFiles(root);
  assert.deepEqual(entries.map((entry) => entry.name), [name]);
  await removeFile(root, name);
  assert.deepEqual(await tree(root.path), OWN_TREE);
});

Deno.test("listFiles() reads a directory again of which not all names had room", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  const names = [
    ...numbered(40),
    ...numbered(40).map((name) => `f0015-d/${name}`),
    ...numbered(9).map((name) => `f0030-d/e/${name}`),
  ];
  await store(root, names);
  for (const room of [3, 10, 25]) {
    const walk = new FileWalk({ prefix: "", after: "" }, room);
    const { entries } = await listFiles(root, {}, { walk });
    assert.deepEqual(entries.map(({ name }) => name), names.toSorted(), `room for ${room}`);
  }
});

Deno.test("listFiles() reads only directories on the way to what is asked for", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  await store(root, ["a/b/c", "a/b/d", "a/bb", "b"]);
  const prefixes = { "a/b/": ["a/b/c", "a/b/d"], "a/b": ["a/b/c", "a/b/d", "a/bb"], "c/": [] };
  for (const [prefix, wanted] of Object.entries(prefixes)) {
    const { entries } = await listFiles(root, { prefix });
    assert.deepEqual(entries.map(({ name }) => name), wanted, prefix);
  }
  for (const prefix of ["../", "/", "a//", ".msquicd/", "a/../"]) {
    assert.deepEqual((await listFiles(root, { prefix })).entries, [], prefix);
  }
});

Deno.test("Gate lets as many in as there are places, in their order, but for those that give up", async () => {
  const gate = new Gate(1);
  const first = await gate.enter();
  const control = new AbortController();
  const order: string[] = [];
  const second = gate.enter(control.signal);
  const third = gate.enter().then((place) => {
    order.push("third");
    return place;
  });
  control.abort(new Error("given up"));
  await assert.rejects(second, /given up/);
  assert.deepEqual(order, []);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  (await third)[Symbol.dispose]();
  assert.deepEqual(order, ["third"]);
  (await gate.enter())[Symbol.dispose]();
});
