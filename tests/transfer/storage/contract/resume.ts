import assert from "node:assert/strict";
import type { FileStorage } from "../../../../transfer/mod.ts";
import type { Clause } from "./contract.ts";
import { get, MIB, newId, put, random, sha256, write } from "./subject.ts";

/** Uploads that are interrupted, and those that are repeated. */
export const resumeContract: readonly Clause[] = [
  {
    says: "goes on with what there is of an upload, at another process",
    async check({ files, others, leftovers }, { forgets }) {
      const bytes = random(3 * MIB);
      const request = { name: "dir/a", size: bytes.length, id: newId() };
      await interrupt(files, request, bytes.subarray(0, 2 * MIB));
      await assert.rejects(others.stat("dir/a"), { code: "not-found" });
      using target = others.target("dir/a");
      const { offset } = await target.resume(request);
      assert.equal(offset, forgets === true ? 0 : 2 * MIB);
      {
        await using incoming = await target.begin({ ...request, offset });
        assert.equal(incoming.start?.offset ?? 0, offset);
        const start = incoming.start?.hash.copy().digest("hex");
        if (offset > 0) assert.equal(start, sha256(bytes.subarray(0, offset)));
        await write(incoming.file, bytes.subarray(offset));
        await incoming.publish(sha256(bytes));
      }
      assert.equal(sha256(await get(files, "dir/a")), sha256(bytes));
      assert.deepEqual(await leftovers(), []);
    },
  },
  {
    says: "knows an upload that it has stored before, until another file has the name",
    async check({ files, others }) {
      for (const size of [1000, 2 * MIB]) {
        const bytes = random(size);
        const request = { name: `a-${size}`, size, id: newId() };
        await put(files, request.name, bytes, request, "resumable");
        using target = others.target(request.name);
        assert.equal(await target.find(request), sha256(bytes));
        assert.deepEqual(await target.resume(request), { offset: size, sha256: sha256(bytes) });
        await assert.rejects(target.find({ ...request, id: newId() }), { code: "file-exists" });
      }
    },
  },
  {
    says: "has one publish of those who receive the same upload, the last",
    async check({ files, others, leftovers }, { forgets }) {
      if (forgets === true) return;
      const bytes = random(2 * MIB);
      const request = { name: "a", size: bytes.length, id: newId() };
      using first = files.target("a");
      await using early = await first.begin(request);
      await write(early.file, bytes.subarray(0, MIB));
      using second = others.target("a");
      const { offset } = await second.resume(request);
      assert.equal(offset, MIB);
      await write(early.file, bytes.subarray(MIB));
      await assert.rejects(early.publish(sha256(bytes)), { code: "cannot-resume" });
      await early[Symbol.asyncDispose]();
      await assert.rejects(files.stat("a"), { code: "not-found" });
      {
        await using late = await second.begin({ ...request, offset });
        await write(late.file, bytes.subarray(offset));
        await late.publish(sha256(bytes));
      }
      assert.equal(sha256(await get(files, "a")), sha256(bytes));
      assert.deepEqual(await leftovers(), []);
    },
  },
  {
    says: "does not go on from where there is nothing",
    async check({ files, leftovers }) {
      using target = files.target("a");
      const request = { name: "a", size: 2 * MIB, id: newId() };
      assert.deepEqual(await target.resume(request), { offset: 0 });
      await assert.rejects(target.begin({ ...request, offset: MIB }), { code: "cannot-resume" });
      assert.deepEqual(await leftovers(), []);
    },
  },
];

async function interrupt(
  files: FileStorage,
  request: { name: string; size: number; id: string },
  bytes: Uint8Array,
): Promise<void> {
  using target = files.target(request.name);
  await using incoming = await target.begin(request);
  using _room = await incoming.reserve();
  await write(incoming.file, bytes);
}
