import assert from "node:assert/strict";
import { join } from "node:path";
import { countStored } from "../../../transfer/storage/count_stored.ts";
import { holdDirectory } from "../../../transfer/storage/hold_directory.ts";
import { Pace } from "../../../transfer/storage/pace.ts";
import { countsFor, isCrossed, Quotas } from "../../../transfer/storage/quotas.ts";
import { noteStorer } from "../../../transfer/storage/storer_note.ts";
import { UsageBook } from "../../../transfer/storage/usage_book.ts";
import "../../fixtures/loaded_libc.ts";
import { temporaryDirectory, writeFile } from "../temporary.ts";

/** Opens the book, does something with it, and closes it. */
function withBook<Result>(path: string, action: (book: UsageBook) => Result): Result {
  using own = holdDirectory(path);
  using book = UsageBook.open(own);
  return action(book);
}

const all = (book: UsageBook) =>
  Object.fromEntries(book.keys.map((key) => [key, { ...book.used(key) }]));

Deno.test("UsageBook keeps what is used, and is not relied on where somebody has died over it", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  assert.equal(withBook(path, ({ countedAt }) => countedAt), undefined);
  const used = new Map([
    ["d:ä/b", { stored: 2 ** 52, promised: 1 }],
    ["t:one", { stored: 0, promised: 0 }],
  ]);
  withBook(path, (book) => book.renew(used, 1000, 2.5));
  const kept = { "d:ä/b": { stored: 2 ** 52, promised: 1 }, "t:one": { stored: 0, promised: 0 } };
  assert.deepEqual(withBook(path, all), kept);
  assert.deepEqual(withBook(path, ({ countedAt, countMs }) => [countedAt, countMs]), [1000, 2.5]);
  withBook(path, (book) => {
    book.begin();
    book.add("t:one", { stored: 7, promised: 3 });
    book.add("t:one", { promised: -5 });
    book.add("d:other", { stored: 7 });
    book.settle();
    book.begin();
    book.settle();
  });
  assert.deepEqual(withBook(path, all), { ...kept, "t:one": { stored: 7, promised: 0 } });
  assert.deepEqual(withBook(path, ({ directories }) => directories), ["d:ä/b"]);
  withBook(path, (book) => book.renew(new Map([["d:x", { stored: 1, promised: 2 }]]), 2000, 1));
  assert.deepEqual(withBook(path, all), { "d:x": { stored: 1, promised: 2 } });

  withBook(path, (book) => book.begin());
  assert.equal(withBook(path, ({ countedAt }) => countedAt), undefined);
  withBook(path, (book) => book.renew(new Map(), 3000, 1));
  assert.equal(withBook(path, ({ countedAt }) => countedAt), 3000);
  const file = join(path, "usage");
  const whole = await Deno.readFile(file);
  for (const bytes of [whole.subarray(0, 20), whole.subarray(0, whole.length - 1)]) {
    await Deno.writeFile(file, bytes);
    assert.equal(withBook(path, ({ countedAt }) => countedAt), undefined);
  }
});

Deno.test("Quotas count a file for the directories that it is below, and for the token that has stored it", () => {
  const quotas = new Quotas({ "/": 1, a: 2, "a/b": 3 });
  quotas.setTokens([{ name: "one", quotaBytes: 4 }, { name: "two" }]);
  const of = (name: string, storer?: string) => quotas.of(name, storer).map(({ key }) => key);
  assert.deepEqual(of("x"), ["d:/"]);
  assert.deepEqual(of("a"), ["d:/"]);
  assert.deepEqual(of("ab/x"), ["d:/"]);
  assert.deepEqual(of("a/b", "two"), ["d:/", "d:a"]);
  assert.deepEqual(of("a/b/c", "one"), ["d:/", "d:a", "d:a/b", "t:one"]);
  assert.deepEqual(quotas.changedAt, -Infinity);
  quotas.setTokens([{ name: "two", quotaBytes: 5 }]);
  assert.ok(quotas.changedAt > 0);
  assert.deepEqual(of("x", "one"), ["d:/"]);
  assert.deepEqual([countsFor("t:one", "x", "one"), countsFor("t:one", "x")], [true, false]);
  for (
    const [key, from, to, crossed] of [
      ["d:a", "x", "y", false],
      ["d:a", "a/x", "a/y", false],
      ["d:a", "a/x", "y", true],
      ["d:a", "y", "a/x", true],
      ["d:a", "a", "b", true],
      ["d:a/b", "a", "c", true],
      ["d:a/b", "c", "a", true],
      ["d:a/b", "ab", "c", false],
      ["d:/", "a", "b", false],
      ["t:a", "a", "b", false],
    ] as const
  ) {
    assert.equal(isCrossed(key, from, to), crossed, `${key} ${from} ${to}`);
  }
});

Deno.test("countStored() counts what quotas are about, without what is the storage's own or on its way", async () => {
  await using directory = await temporaryDirectory();
  const files = {
    ".msquicd/uploads/x": 1000,
    [`a/.msquicd-${crypto.randomUUID()}.part`]: 1000,
    "top": 1,
    "a/one": 10,
    "a/b/two": 100,
    "a/b/c/three": 1000,
    "ab/four": 10_000,
  };
  for (const [name, size] of Object.entries(files)) {
    await writeFile(join(directory.path, name), "x".repeat(size));
  }
  await Deno.symlink(join(directory.path, "ab"), join(directory.path, "a/link"));
  using top = holdDirectory(directory.path);
  const count = async (...keys: string[]) =>
    Object.fromEntries(await countStored(top, keys, new Pace()));
  assert.deepEqual(await count("d:a/b", "d:a", "d:gone"), {
    "d:a/b": 1100,
    "d:a": 1110,
    "d:gone": 0,
  });
  assert.deepEqual(await count("d:/", "d:ab"), { "d:/": 11_111, "d:ab": 10_000 });
  if (Deno.build.os !== "linux") return;
  if (!noteStorer(join(directory.path, "a/one"), "me")) return;
  noteStorer(join(directory.path, "ab/four"), "you");
  assert.deepEqual(await count("t:me", "d:a"), { "t:me": 10, "d:a": 1110 });
});
