import assert from "node:assert/strict";
import type { FileStorage } from "../../../../transfer/mod.ts";
import type { Clause } from "./contract.ts";
import { get, list, put, random, sha256, WAYS, write } from "./subject.ts";

/** Who stores under a name that another one has, or wants at the same time. */
export const writerContract: readonly Clause[] = [
  {
    says: "replaces a file only if it is told to",
    async check({ files, others, leftovers }) {
      const [one, two] = [random(1000), random(2000)];
      const mtime = Date.UTC(2020, 1, 3);
      for (const way of WAYS) {
        const name = `at/${way}`;
        await put(files, name, one, { mtime }, way);
        await assert.rejects(put(others, name, two, {}, way), { code: "file-exists" }, way);
        await assert.rejects(
          put(others, name, two, { overwrite: "newer", mtime: mtime - 10_000 }, way),
          { code: "not-newer" },
        );
        assert.equal(sha256(await get(files, name)), sha256(one));
        await put(others, name, two, { overwrite: "newer", mtime: mtime + 10_000 }, way);
        assert.equal(sha256(await get(files, name)), sha256(two));
        await put(others, name, one, { overwrite: "always", mtime }, way);
        assert.equal(sha256(await get(files, name)), sha256(one));
        assert.ok(Math.abs((await files.stat(name)).mtime - mtime) < 2000);
      }
      assert.deepEqual(await list(files), WAYS.map((way) => `at/${way}`).sort());
      assert.deepEqual(await leftovers(), []);
    },
  },
  {
    says: "lets one of many have a name, and says to the others that it is taken",
    async check({ files, others, leftovers }) {
      const contents = Array.from({ length: 8 }, () => random(3000));
      const meeting = new Meeting(contents.length);
      const outcomes = await Promise.allSettled(
        contents.map((bytes, index) =>
          putLate(index % 2 === 0 ? files : others, "a/b", bytes, meeting)
        ),
      );
      const winners = outcomes.flatMap((outcome) =>
        outcome.status === "fulfilled" ? [outcome.value] : []
      );
      assert.equal(winners.length, 1);
      for (const outcome of outcomes) {
        if (outcome.status === "rejected") assert.equal(outcome.reason.code, "file-exists");
      }
      assert.equal(sha256(await get(files, "a/b")), winners[0]);
      assert.deepEqual(await leftovers(), []);
    },
  },
  {
    says: "has a whole file at any moment while others replace it",
    async check({ files, others, leftovers }) {
      const contents = Array.from({ length: 4 }, () => random(150_000));
      const known = new Set(contents.map(sha256));
      await put(files, "a", contents[0] ?? random(1));
      let over = false;
      const writing = Promise.all(contents.map(async (bytes, index) => {
        for (let round = 0; round < 5; round++) {
          await put(index % 2 === 0 ? files : others, "a", bytes, { overwrite: "always" });
        }
      })).finally(() => over = true);
      let reads = 0;
      while (!over || reads === 0) {
        assert.ok(known.has(sha256(await get(others, "a"))));
        reads++;
      }
      await writing;
      assert.deepEqual(await leftovers(), []);
    },
  },
  {
    says: "makes the directories of files that are stored while others remove theirs",
    async check({ files, others, leftovers }) {
      await Promise.all(Array.from({ length: 6 }, async (_, index) => {
        for (let round = 0; round < 10; round++) {
          const name = `deep/er/${index}`;
          await put(index % 2 === 0 ? files : others, name, random(10), {}, WAYS[round % 4]);
          await files.remove(name);
        }
      }));
      assert.deepEqual(await list(files, { directories: "empty" }), []);
      assert.deepEqual(await leftovers(), []);
    },
  },
];

/** Some who have each begun with something, or failed to. */
class Meeting {
  readonly #all = Promise.withResolvers<void>();
  #missing: number;

  constructor(count: number) {
    this.#missing = count;
  }

  /** Resolves when all have. */
  get all(): Promise<void> {
    return this.#all.promise;
  }

  arrive(): void {
    if (--this.#missing === 0) this.#all.resolve();
  }
}

/** Stores a file, which is published only when all others have begun to do so. */
async function putLate(
  files: FileStorage,
  name: string,
  bytes: Uint8Array,
  meeting: Meeting,
): Promise<string> {
  const request = { name, size: bytes.length };
  using target = files.target(name);
  const begin = async () => {
    await target.find(request);
    return await target.begin(request);
  };
  await using incoming = await begin().finally(() => meeting.arrive());
  await write(incoming.file, bytes);
  await meeting.all;
  await incoming.publish(sha256(bytes));
  return sha256(bytes);
}
