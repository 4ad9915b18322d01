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
  assert.deepEqual(await listFiles(root), { entries: [{ name: "a/b", size: 3, mtime }] });
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
