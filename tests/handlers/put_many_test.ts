import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import {
  encodeMessage,
  Flags,
  MAX_PACKED_SIZE,
  MessageReader,
  messages,
  MessageType,
} from "../../protocol/mod.ts";
import { wholeSource } from "../protocol/chunked_source.ts";
import { FakeStream, SessionBench } from "../worker/fakes.ts";
import { head, outcomesOf, packed, send } from "./packed.ts";

const { filePut, filePutMany } = MessageType;

function stored(bench: SessionBench, name: string): string {
  return Deno.readTextFileSync(join(bench.storage.path, name));
}

function staged(bench: SessionBench): string[] {
  return Array.from(Deno.readDirSync(bench.storage.staging), ({ name }) => name);
}

Deno.test("file.put_many stores files however they are cut, and names those that it cannot store", async () => {
  await using bench = await SessionBench.open();
  await Deno.mkdir(join(bench.storage.path, "directory"));
  await Deno.writeTextFile(join(bench.storage.path, "taken"), "old");
  let round = 0;
  const lengths = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(fc.oneof(lengths, fc.constant<number[]>([1 << 20])), async (lengths) => {
      const dir = `${round++}`;
      const broken = packed(`${dir}/broken`, "text");
      broken[broken.length - 1]! ^= 1;
      const files: [Uint8Array, string][] = [
        [packed(`${dir}/a`, "one", { mtime: 1_600_000_000_000 }), "ok"],
        [packed(`${dir}/a`, "two"), "file-exists"],
        [packed("taken", "new"), "file-exists"],
        [packed("taken", "new", { overwrite: "newer", mtime: 0 }), "not-newer"],
        [packed("directory", "x", { overwrite: "always" }), "is-a-directory"],
        [packed("../outside", "x"), "invalid-name"],
        [packed("taken/below", "x"), "not-a-directory"],
        [broken, "hash-mismatch"],
        [packed(`${dir}/deep/er/b`, ""), "ok"],
        [packed(`${dir}/a`, "three", { overwrite: "always" }), "ok"],
        [packed(`${dir}/large`, "x".repeat(MAX_PACKED_SIZE)), "ok"],
      ];
      const answer = send(bench, files.map(([bytes]) => bytes), { lengths });
      assert.deepEqual(await outcomesOf(answer), { outcomes: files.map(([, code]) => code) });
      assert.equal(stored(bench, `${dir}/a`), "three");
      assert.equal(stored(bench, `${dir}/deep/er/b`), "");
      assert.equal(stored(bench, `${dir}/large`).length, MAX_PACKED_SIZE);
      const names = Array.from(Deno.readDirSync(join(bench.storage.path, dir)), ({ name }) => name);
      assert.deepEqual(names.sort(), ["a", "deep", "large"]);
      assert.deepEqual(staged(bench), []);
    }),
    { numRuns: 12 },
  );
  assert.equal(stored(bench, "taken"), "old");
  assert.equal(bench.counters.values.transfers, 0);
  assert.ok((bench.counters.values.transfersTotal ?? 0) >= 4 * round);
});

Deno.test("file.put_many takes what is stored already for stored only where it is sent again", async () => {
  await using bench = await SessionBench.open();
  const files = [packed("a", "one"), packed("b", "two")];
  assert.deepEqual(await outcomesOf(send(bench, files)), { outcomes: ["ok", "ok"] });
  const again = [...files, packed("c", "three"), packed("a", "one")];
  assert.deepEqual(await outcomesOf(send(bench, again, { repeated: 3 })), {
    outcomes: ["ok", "ok", "ok", "file-exists"],
  });
  const changed = [packed("a", "One"), packed("b", "two", { overwrite: "newer", mtime: 0 })];
  assert.deepEqual(await outcomesOf(send(bench, changed, { repeated: 2 })), {
    outcomes: ["file-exists", "ok"],
  });
  assert.equal(stored(bench, "a"), "one");
});

Deno.test("file.put_many tells what it has stored before it ends for what it cannot read", async () => {
  await using bench = await SessionBench.open();
  const good = packed("good", "text");
  const id = "1".repeat(32);
  const tooLarge = { type: filePut, flags: Flags.data, body: { name: "x", size: 65_537 } };
  const other = encodeMessage({ type: MessageType.fileStat, flags: Flags.data, body: {} });
  const cases: [Uint8Array, string][] = [
    [packed("x", "x", { id }), "bad-body"],
    [encodeMessage(tooLarge), "bad-body"],
    [other, "bad-frame"],
    [encodeMessage({ type: filePut, body: { name: "x", size: 0 } }), "bad-frame"],
    [Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0), "bad-version"],
    [good.subarray(0, 5), "bad-frame"],
    [good.subarray(0, -1), "size-mismatch"],
  ];
  for (const [bytes, end] of cases) {
    await Deno.remove(join(bench.storage.path, "good")).catch(() => {});
    assert.deepEqual(await outcomesOf(send(bench, [good, bytes])), { outcomes: ["ok"], end });
    assert.equal(stored(bench, "good"), "text");
  }
  assert.deepEqual(staged(bench), []);
  const bare = await bench.connection.request(filePutMany, {}).answer();
  assert.equal(bare.body.code, "bad-frame");
});

Deno.test("file.put_many tells its client of some files before it has stored the rest that came with them", async () => {
  await using bench = await SessionBench.open();
  const files = Array.from({ length: 600 }, (_, index) => packed(`${index}`, ""));
  const { type, flags, body, data } = await send(bench, files);
  const head = encodeMessage({ type, flags, body });
  const reader = new MessageReader(wholeSource(new Uint8Array(Buffer.concat([head, data]))));
  const counts: number[] = [];
  for (let next = await reader.readNext(); next !== undefined; next = await reader.readNext()) {
    counts.push(messages.filePutMany.parseResponse(next.body).count);
  }
  // As many as are flushed together, which are fewer where a flush ends before more have come.
  assert.ok(counts.every((count) => count <= 256), `${counts}`);
  assert.equal(counts.reduce((sum, count) => sum + count, 0), 600);
});

Deno.test("file.put_many lets its client know what is stored while it waits for more", async () => {
  await using bench = await SessionBench.open();
  const stream = new FakeStream([head(), packed("a", "one")], { open: true });
  bench.connection.open(stream);
  await stream.sentSomething();
  assert.equal(stored(bench, "a"), "one");
  stream.clientResets();
  await stream.over();
  assert.equal(stored(bench, "a"), "one");
});

Deno.test("file.put_many counts the memory of one file, however many have come in pieces", async () => {
  await using bench = await SessionBench.open();
  const { memory } = bench.session.services;
  const { claim } = memory;
  let most = 0;
  memory.claim = (bytes) => {
    claim.call(memory, bytes);
    most = Math.max(most, memory.used);
  };
  const files = Array.from({ length: 100 }, (_, index) => packed(`${index}`, "x".repeat(30_000)));
  const { outcomes } = await outcomesOf(send(bench, files, { lengths: [10_000] }));
  assert.deepEqual(outcomes, new Array(100).fill("ok"));
  assert.ok(most > 0 && most < 200_000, `${most} bytes`);
  assert.equal(memory.used, 0);
});
