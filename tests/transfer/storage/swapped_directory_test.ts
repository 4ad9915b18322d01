import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  findUpload,
  holdStorage,
  listFiles,
  openFile,
  removeFile,
  StagedFile,
  statFile,
  type StorageRoot,
  storeAtOnce,
  storedPlace,
} from "../../../transfer/mod.ts";
import { temporaryDirectory, temporaryStorage, tree, writeFile } from "../temporary.ts";
import { Swapper } from "./swapper.ts";

const INSIDE = "inside";
const OUTSIDE = "a secret outside";
const SIZE = INSIDE.length;
const ROUNDS = 120;

const bytes = new TextEncoder().encode(INSIDE);
const framed = new Uint8Array([...bytes, ...createHash("sha256").update(bytes).digest()]);

function assertStored(sha256: string | undefined): void {
  if (sha256 === undefined) throw new Error("Something is in the way");
}

/** What clients can do, each of them with a file in the directory that is swapped. */
const OPERATIONS: Record<string, (root: StorageRoot, round: number) => unknown> = {
  storeAtOnce(root, round) {
    const request = { name: `d/x${round % 3}`, size: SIZE, overwrite: "always" } as const;
    assertStored(storeAtOnce({ ...root, owner: "test" }, request, framed));
  },
  storeNew(root, round) {
    const request = { name: `d/new/${round}`, size: SIZE };
    assertStored(storeAtOnce({ ...root, owner: "test" }, request, framed));
  },
  async publish(root, round) {
    using storage = holdStorage(root);
    await using staged = await StagedFile.create(storage.staging, "test");
    await staged.file.write(bytes);
    await staged.publish(storedPlace(storage, `d/e/x${round % 3}`), { overwrite: "always" });
  },
  async get(root) {
    const { file } = await openFile(root, "d/x0");
    using _file = file;
    const content = new Uint8Array(100);
    const length = await file.read(content);
    assert.equal(new TextDecoder().decode(content.subarray(0, length ?? 0)), INSIDE);
  },
  async stat(root) {
    assert.equal((await statFile(root, "d/x0")).size, SIZE);
  },
  async list(root) {
    const { entries } = await listFiles(root, { prefix: "d/" });
    for (const { name, size } of entries) assert.equal(size, SIZE, name);
  },
  async resume(root) {
    using storage = holdStorage(root);
    const subject = { id: "0".repeat(32), name: "d/x0", size: SIZE };
    await findUpload(storage, subject, storedPlace(storage, "d/x0"));
  },
  async remove(root, round) {
    await removeFile(root, `d/x${round % 3}`);
  },
};

for (const swapped of ["d", ".msquicd"]) {
  Deno.test({
    name: `nothing outside is read, written or removed while "${swapped}" is swapped for a link`,
    ignore: Deno.build.os !== "linux",
    async fn() {
      await using outside = await temporaryDirectory();
      await using storage = await temporaryStorage();
      const { root } = storage;
      for (const name of ["x0", "x1", "x2", "e/x0", "uploads/x0", "receipts/x0"]) {
        await writeFile(join(outside.path, name), OUTSIDE);
      }
      const before = await tree(outside.path);
      await writeFile(join(root.path, "d/x0"), INSIDE);
      const link = join(root.path, "link");
      await Deno.symlink(outside.path, link);
      await using swapper = await Swapper.start(join(root.path, swapped), link);
      const done = new Map<string, number>();
      for (let round = 0; round < ROUNDS; round++) {
        for (const [operation, run] of Object.entries(OPERATIONS)) {
          try {
            await run(root, round);
            done.set(operation, (done.get(operation) ?? 0) + 1);
          } catch (error) {
            if (error instanceof assert.AssertionError) throw error;
          }
        }
      }
      const swaps = await swapper.stop();
      assert.ok(swaps > ROUNDS / 10, `${swaps} swaps`);
      for (const operation of Object.keys(OPERATIONS)) assert.ok(done.get(operation), operation);
      assert.deepEqual(await tree(outside.path), before);
      for (const name of ["x0", "x1", "x2", "e/x0", "uploads/x0", "receipts/x0"]) {
        assert.equal(await Deno.readTextFile(join(outside.path, name)), OUTSIDE, name);
      }
    },
  });
}
