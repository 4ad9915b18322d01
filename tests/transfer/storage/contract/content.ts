import assert from "node:assert/strict";
import type { Clause } from "./contract.ts";
import { get, list, MIB, put, random, sha256, WAYS, write } from "./subject.ts";

/** What is stored is what was sent, with its time and mode; and nothing is there before. */
export const contentContract: readonly Clause[] = [
  {
    says: "has the bytes, time and mode that were stored, whichever way they came",
    async check({ files, others, leftovers }, { hasNoModes, timeStepMs = 1 }) {
      const mtime = Date.UTC(2020, 1, 3, 4, 5, 7, 890);
      for (const way of WAYS) {
        for (const size of way === "now" ? [0, 1, 60_000] : [0, 1, 100_000, 3 * MIB]) {
          const bytes = random(size);
          const name = `dir/${way}-${size}`;
          assert.equal(await put(files, name, bytes, { mtime, mode: 0o750 }, way), sha256(bytes));
          const info = await others.stat(name);
          assert.deepEqual([info.name, info.size], [name, size]);
          assert.ok(Math.abs(info.mtime - mtime) < timeStepMs, `${name}: ${info.mtime}`);
          if (info.mode !== undefined && hasNoModes !== true) {
            assert.equal(info.mode, 0o750 & ~Deno.umask());
          }
          assert.equal(sha256(await get(others, name)), sha256(bytes));
          const buffer = new Uint8Array(64 * 1024);
          const read = others.readNow(name, buffer);
          if (read !== undefined) {
            assert.deepEqual(read.info, info);
            assert.ok([undefined, sha256(bytes)].includes(read.stored));
            assert.equal(sha256(buffer.subarray(0, size)), sha256(bytes));
          }
        }
      }
      assert.deepEqual(await leftovers(), []);
    },
  },
  {
    says: "tells a file's SHA-256 by reading it, and what it was when it was stored",
    async check({ files, others }, { notesNothing }) {
      for (const way of WAYS) {
        const bytes = random(5000);
        await put(files, way, bytes, { mtime: Date.UTC(2021, 2, 3, 4, 5, 6, 789) }, way);
        const sum = await others.sum(way, new AbortController().signal);
        assert.equal(sum.sha256, sha256(bytes));
        if (notesNothing !== true) assert.equal(sum.stored, sha256(bytes), way);
        assert.ok(await others.holds(way, bytes));
        assert.ok(!await others.holds(way, random(5000)));
        assert.ok(!await others.holds("absent", bytes));
      }
    },
  },
  {
    says:
      "shows nothing of a file before it is published, and keeps nothing of one that is given up",
    async check({ files, others, leftovers }) {
      for (const size of [5, 100_000, undefined]) {
        const request = size === undefined ? { name: "new/a" } : { name: "new/a", size };
        using target = files.target("new/a");
        assert.equal(await target.find(request), undefined);
        {
          await using incoming = await target.begin(request);
          using _room = await incoming.reserve();
          await write(incoming.file, random(5));
          await assert.rejects(others.stat("new/a"), { code: "not-found" });
          assert.deepEqual(await list(others, { directories: "empty" }), []);
        }
        assert.deepEqual(await leftovers(), []);
        assert.deepEqual(await list(others, { directories: "empty" }), []);
      }
    },
  },
  {
    says: "leaves an open file as it is, whatever becomes of its name",
    async check({ files, others }) {
      const [one, two] = [random(200_000), random(300_000)];
      await put(files, "a", one);
      const { file, info } = await files.open("a");
      using _file = file;
      await put(others, "a", two, { overwrite: "always" });
      await others.remove("a");
      const bytes = new Uint8Array(info.size + 1);
      let filled = 0;
      for (let count: number | null; (count = await file.read(bytes.subarray(filled))) !== null;) {
        filled += count;
      }
      assert.equal(sha256(bytes.subarray(0, filled)), sha256(one));
      await file.seek(100_000, Deno.SeekMode.Start);
      const part = new Uint8Array(10);
      assert.equal(await file.read(part), 10);
      assert.deepEqual(part, one.slice(100_000, 100_010));
    },
  },
  {
    says:
      "refuses a file for which there is no room before its first byte, and keeps nothing of it",
    async check({ files, leftovers }) {
      const size = 2 ** 50;
      using target = files.target("large");
      await assert.rejects(async () => {
        await using incoming = await target.begin({ name: "large", size });
        using _room = await incoming.reserve();
      }, ({ code }: { code: string }) => ["no-space", "file-too-large"].includes(code));
      await assert.rejects(files.stat("large"), { code: "not-found" });
      assert.deepEqual(await leftovers(), []);
    },
  },
];
