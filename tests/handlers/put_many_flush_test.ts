import assert from "node:assert/strict";
import { delay } from "../../base/mod.ts";
import { join } from "node:path";
import {
  DiskStorage,
  type FileStorage,
  openStorageRoot,
  type SmallFileBatch,
  type StorageRoot,
} from "../../transfer/mod.ts";
import "../fixtures/loaded_libc.ts";
import { mayMountOdd, mountOdd } from "../fixtures/odd_disk.ts";
import { until } from "../resume/bench.ts";
import { temporaryStorage } from "../transfer/temporary.ts";
import { FakeStream, SessionBench } from "../worker/fakes.ts";
import { head, outcomesOf, packed, send } from "./packed.ts";

Deno.test({
  name: "file.put_many tells of a file that could not be flushed, and stores those beside it",
  ignore: !mayMountOdd,
  async fn() {
    await using disk = await mountOdd(["flush-fails=777"]);
    const path = join(disk.path, "storage");
    const root = { ...await openStorageRoot(path), owner: "test" };
    await using bench = await SessionBench.open({ files: new DiskStorage(root) });
    const sizes = [1, 777, 2, 777, 3];
    const files = sizes.map((size, index) => packed(`d/${index}`, "x".repeat(size)));
    const { outcomes } = await outcomesOf(send(bench, files));
    assert.deepEqual(outcomes, ["ok", "storage-unavailable", "ok", "storage-unavailable", "ok"]);
    const names = Array.from(Deno.readDirSync(join(path, "d")), ({ name }) => name);
    assert.deepEqual(names.sort(), ["0", "2", "4"]);
    assert.deepEqual(Array.from(Deno.readDirSync(root.staging)), []);
  },
});

/** A disk whose flushes end when they are let, and what is asked of it. */
function heldBack(root: StorageRoot): {
  files: FileStorage;
  steps: string[];
  release(): void;
  reached(step: string): Promise<void>;
} {
  const steps: string[] = [];
  let added = 0;
  let next = Promise.withResolvers<void>();
  let gate = Promise.withResolvers<void>();
  const note = (step: string) => {
    steps.push(step);
    next.resolve();
    next = Promise.withResolvers();
  };
  const held = async (step: string, action: () => Promise<void>) => {
    note(step);
    await gate.promise;
    await action();
  };
  const disk = new DiskStorage({ ...root, owner: "test" });
  const { storeTogether } = disk;
  disk.storeTogether = (): SmallFileBatch => {
    const batch = storeTogether.call(disk)!;
    let count = 0;
    return {
      add(...args) {
        count++;
        batch.add(...args);
        note(`add ${++added}`);
      },
      skip: () => batch.skip(),
      writeOut: () => batch.writeOut(),
      flush: () => held(`flush ${count}`, () => batch.flush()),
      place: (...args) => batch.place(...args),
      flushNames: () => held(`names ${count}`, () => batch.flushNames()),
      [Symbol.dispose]: () => batch[Symbol.dispose](),
    };
  };
  return {
    files: disk,
    steps,
    release() {
      gate.resolve();
      gate = Promise.withResolvers();
    },
    async reached(step) {
      while (!steps.includes(step)) await next.promise;
    },
  };
}

Deno.test("file.put_many flushes what comes during a flush together, with the names of those before", async () => {
  await using storage = await temporaryStorage();
  const { files, steps, release, reached } = heldBack(storage.root);
  await using bench = await SessionBench.open({ files });
  const some = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => packed(`d/${from + index}`, `${index}`));
  const stream = new FakeStream([head(), ...some(0, 1)], { open: true });
  const answer = bench.connection.open(stream).answer();
  let told = false;
  const telling = stream.sentSomething().then(() => told = true);
  const flushes = () => steps.filter((step) => !step.startsWith("add"));
  await reached("flush 1");
  for (const file of some(1, 300)) stream.clientSends(file);
  await reached("add 257");
  assert.deepEqual(flushes(), ["flush 1"]);
  release();
  await reached("names 1");
  await reached("flush 256");
  await reached("add 301");
  stream.clientEnds();
  assert.ok(!told, "told of a file whose name has not been flushed");
  release();
  await telling;
  await reached("names 256");
  await reached("flush 44");
  release();
  await reached("names 44");
  release();
  assert.deepEqual((await outcomesOf(answer)).outcomes, new Array(301).fill("ok"));
  const expected = ["1", "44", "256"].flatMap((count) => [`flush ${count}`, `names ${count}`]);
  assert.deepEqual(flushes().sort(), expected.sort());
});

Deno.test("file.put_many gives up what is being flushed for a client that goes", async () => {
  await using storage = await temporaryStorage();
  const { files, release, reached } = heldBack(storage.root);
  await using bench = await SessionBench.open({ files });
  const stream = new FakeStream([head(), packed("a", "one")], { open: true });
  bench.connection.open(stream);
  await reached("flush 1");
  stream.connectionEnds();
  release();
  const { path, staging } = storage.root;
  const names = (directory: string) => Array.from(Deno.readDirSync(directory), ({ name }) => name);
  await until("the file is given up", () => names(staging).length === 0);
  assert.deepEqual(names(path), [".msquicd"]);
});

Deno.test("file.put_many has only so many files wait in groups, of all requests together", async () => {
  await using storage = await temporaryStorage();
  const { files, steps, release } = heldBack(storage.root);
  await using bench = await SessionBench.open({ files });
  const [requests, each] = [10, 300];
  const answers = Array.from({ length: requests }, (_, request) => {
    const some = Array.from({ length: each }, (_, index) => packed(`${request}/${index}`, "x"));
    return bench.connection.open(new FakeStream([head(), ...some])).answer();
  });
  const added = () => steps.filter((step) => step.startsWith("add")).length;
  // What comes while nothing can be flushed waits, and after that, more is not taken.
  for (let before = -1; added() > before;) {
    before = added();
    await delay(50);
  }
  const waiting = Array.from(Deno.readDirSync(storage.root.staging)).length;
  assert.ok(waiting >= 1024 && waiting <= 1024 + 2 * requests, `${waiting} files wait`);

  const letting = setInterval(release, 1);
  try {
    for (const answer of answers) {
      assert.deepEqual((await outcomesOf(answer)).outcomes, new Array(each).fill("ok"));
    }
  } finally {
    clearInterval(letting);
  }
});
