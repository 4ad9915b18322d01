import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import {
  encodeMessage,
  type FileListRequest,
  isFileName,
  messages,
} from "../../../protocol/mod.ts";
import { listFiles, type StorageRoot } from "../../../transfer/mod.ts";
import { asNobody, mayBeNobody } from "../../fixtures/as_nobody.ts";
import { temporaryStorage, writeFile } from "../temporary.ts";

async function store(root: StorageRoot, names: Iterable<string>): Promise<void> {
  for (const name of names) await writeFile(join(root.path, name), name);
}

/** The names on every page, one page after the other. */
async function listPages(root: StorageRoot, request: FileListRequest = {}): Promise<string[][]> {
  const pages: string[][] = [];
  for (let after = request.after;;) {
    const page = await listFiles(root, { ...request, ...(after === undefined ? {} : { after }) });
    pages.push(page.entries.map(({ name }) => name));
    if (page.next === undefined) return pages;
    after = page.next;
  }
}

Deno.test("listFiles() tells name, size and time", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  assert.deepEqual(await listFiles(root), { entries: [] });
  await store(root, ["a/b"]);
  const mtime = Date.UTC(2001, 0, 1);
  await Deno.utime(join(root.path, "a/b"), new Date(), new Date(mtime));
  const mode = Deno.build.os === "windows" ? {} : { mode: 0o644 };
  assert.deepEqual(await listFiles(root), { entries: [{ name: "a/b", size: 3, mtime, ...mode }] });
});

Deno.test("listFiles() lists in the order of the full names, directories among files", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  const names = ["B", "a+", "a-b/c", "a.b", "a/b", "a/b.c", "a0", "ab", "é", "文"];
  await store(root, names.toReversed());
  assert.deepEqual(await listPages(root), [names]);
});

Deno.test("listFiles() pages, filters and orders like an array of names", async () => {
  const segment = fc.stringMatching(/^[ab.\-0Zé]{1,3}$/);
  const name = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  const names = fc.uniqueArray(name.filter(isFileName), { maxLength: 25 });
  const part = fc.oneof(name, fc.string({ maxLength: 3 }));
  const requests = fc.array(
    fc.record(
      { prefix: part, after: part, limit: fc.integer({ min: 1, max: 30 }) },
      { requiredKeys: [] },
    ),
    { minLength: 1, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(names, requests, async (candidates, asked) => {
      const files = candidates.filter((file) =>
        !candidates.some((other) => other !== file && file.startsWith(`${other}/`))
      );
      await using storage = await temporaryStorage();
      await store(storage.root, files);
      for (const request of asked) {
        const { prefix = "", after = "", limit = Infinity } = request;
        const wanted = files.filter((file) => file.startsWith(prefix) && file > after).sort();
        const pages = await listPages(storage.root, request);
        assert.deepEqual(pages.flat(), wanted);
        assert.ok(pages.every((page) => page.length <= limit));
        assert.ok(pages.length <= 1 || pages.every((page) => page.length > 0));
      }
    }),
    { numRuns: 40 },
  );
});

Deno.test("listFiles() leaves out what no client could have stored", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  await store(root, ["a", ".msquicd/uploads/x.part", "sub/.msquicd"]);
  await Deno.mkdir(join(root.path, "empty"));
  if (Deno.build.os !== "windows") {
    await store(root, ["a:b", "c:/d", "back\\slash", "dot.", "CON", "new\nline"]);
    await Deno.symlink(join(root.path, "a"), join(root.path, "link"));
    await Deno.symlink(root.path, join(root.path, "loop"));
    const { code } = await new Deno.Command("sh", {
      args: ["-c", `mkfifo pipe; : > "$(printf 'not-\\377-utf8')"`],
      cwd: root.path,
    }).output();
    assert.equal(code, 0);
  }
  assert.deepEqual(await listPages(root), [["a", "sub/.msquicd"]]);
});

Deno.test("listFiles() ends a page before an answer would be too large", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  const directory = `${"d".repeat(250)}/${"e".repeat(250)}/${"f".repeat(250)}`;
  const names = Array.from(
    { length: 350 },
    (_, index) => `${directory}/${"g".repeat(240)}${1000 + index}`,
  );
  await store(root, names);
  assert.deepEqual((await listPages(root)).flat(), names);
  const page = await listFiles(root);
  const bytes = encodeMessage({ type: 18, body: page });
  assert.ok(bytes.length > 200_000);
  assert.deepEqual(messages.fileList.parseResponse(page), page);
});

/** Names on all pages, those of directories with a slash. */
async function listedNames(root: StorageRoot, request: FileListRequest): Promise<string[]> {
  const names: string[] = [];
  let after: string | undefined;
  do {
    const page = await listFiles(root, after === undefined ? request : { ...request, after });
    names.push(...page.entries.map(({ name, directory }) => directory ? `${name}/` : name));
    assert.deepEqual(messages.fileList.parseResponse(page), page);
    after = page.next;
  } while (after !== undefined);
  return names;
}

Deno.test("listFiles() tells of empty directories, or of directories in place of what is in them", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  await store(root, ["a", "b/c", "b/d/e", "b.x", "f/.hidden"]);
  for (const directory of ["empty", "b/empty/deep", "b/d/z"]) {
    await Deno.mkdir(join(root.path, directory), { recursive: true });
  }
  for (const limit of [1, 2, 3, 100]) {
    const list = (request: FileListRequest) => listedNames(root, { ...request, limit });
    assert.deepEqual(await list({ directories: "empty" }), [
      ...["a", "b.x", "b/c", "b/d/e", "b/d/z/", "b/empty/deep/", "empty/", "f/.hidden"],
    ]);
    assert.deepEqual(await list({ directories: "empty", prefix: "b/d/z/" }), ["b/d/z/"]);
    assert.deepEqual(await list({ directories: "empty", prefix: "empty/x" }), []);
    assert.deepEqual(await list({ directories: "empty", prefix: "none/" }), []);
    assert.deepEqual(await list({ directories: "closed" }), ["a", "b.x", "b/", "empty/", "f/"]);
    assert.deepEqual(await list({ directories: "closed", prefix: "b" }), ["b.x", "b/"]);
    assert.deepEqual(await list({ directories: "closed", prefix: "b/" }), [
      ...["b/c", "b/d/", "b/empty/"],
    ]);
    assert.deepEqual(await list({ directories: "closed", prefix: "empty/" }), []);
  }
});

Deno.test({
  name: "listFiles() costs a directory that cannot be read that directory, if it is told to",
  ignore: !mayBeNobody,
  async fn() {
    await using storage = await temporaryStorage();
    const { root } = storage;
    await store(root, ["a", "b/c", "d/e", "f"]);
    const modes = [["..", 0o755], [".msquicd", 0o755], ["b", 0o700], ["d", 0o744]] as const;
    for (const [name, mode] of modes) await Deno.chmod(join(root.path, name), mode);
    await asNobody(async () => {
      await assert.rejects(listFiles(root), { code: "permission-denied" });
      const { entries, unreadable } = await listFiles(root, { partial: true });
      assert.deepEqual(entries.map(({ name }) => name), ["a", "f"]);
      assert.deepEqual(unreadable, ["b", "d"]);
      const pages = await listedNames(root, { partial: true, limit: 1, directories: "empty" });
      assert.deepEqual(pages, ["a", "f"]);
    });
  },
});
