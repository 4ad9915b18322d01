import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import fc from "fast-check";
import {
  ApplicationError,
  encodeMessage,
  Flags,
  MessageType,
  PIECE_HEADER_LENGTH,
} from "../../protocol/mod.ts";
import { FakeStream, SessionBench } from "../worker/fakes.ts";

const { filePutStream } = MessageType;

function piece(bytes: Uint8Array): Uint8Array {
  const head = new Uint8Array(PIECE_HEADER_LENGTH);
  new DataView(head.buffer).setUint32(0, bytes.length);
  return Buffer.concat([head, bytes]);
}

/** A whole request: pieces of the given lengths, in turn, and the SHA-256 of all. */
function request(body: Record<string, unknown>, data: Uint8Array, lengths: number[]): Uint8Array {
  const parts = [encodeMessage({ type: filePutStream, flags: Flags.data, body })];
  for (let at = 0, turn = 0; at < data.length; turn++) {
    parts.push(piece(data.subarray(at, at += lengths[turn % lengths.length] ?? 1)));
  }
  const digest = createHash("sha256").update(data).digest();
  return Buffer.concat([...parts, piece(new Uint8Array()), digest]);
}

function staged(bench: SessionBench): string[] {
  return Array.from(Deno.readDirSync(bench.storage.staging), ({ name }) => name);
}

Deno.test("file.put_stream stores pieces however they are cut", async () => {
  await using bench = await SessionBench.open();
  const lengths = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 20_000 }), lengths, lengths, async (size, a, b) => {
      const data = new Uint8Array(randomBytes(size));
      const bytes = request({ name: "dir/a", overwrite: "always", mtime: 1e12 }, data, a);
      const chunks: Uint8Array[] = [];
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        chunks.push(new Uint8Array(bytes.subarray(at, at += b[turn % b.length] ?? 1)));
      }
      const { flags, body } = await bench.connection.open(new FakeStream(chunks)).answer();
      const sha256 = createHash("sha256").update(data).digest("hex");
      assert.deepEqual([flags, body], [Flags.response, { name: "dir/a", size, sha256 }]);
      const path = join(bench.storage.path, "dir/a");
      assert.equal(Buffer.compare(await Deno.readFile(path), data), 0);
      assert.equal((await Deno.stat(path)).mtime?.getTime(), 1e12);
    }),
    { numRuns: 25 },
  );
  assert.deepEqual(staged(bench), []);
  assert.equal(bench.counters.values.transfers, 0);
});

Deno.test("file.put_stream stores nothing that is broken, or that it may not, and reads no more of that", async () => {
  await using bench = await SessionBench.open();
  await Deno.writeTextFile(join(bench.storage.path, "taken"), "old");
  const data = new Uint8Array(1000);
  const whole = request({ name: "a" }, data, [400]);
  const broken = new Uint8Array(whole);
  broken[broken.length - 1]! ^= 1;
  const cases: [Uint8Array, string][] = [
    [broken, "hash-mismatch"],
    [whole.subarray(0, -1), "size-mismatch"],
    [whole.subarray(0, -40), "size-mismatch"],
    [Buffer.concat([whole, Uint8Array.of(0)]), "size-mismatch"],
    [request({ name: "../a" }, data, [400]), "invalid-name"],
    [request({}, data, [400]), "bad-body"],
  ];
  for (const [bytes, code] of cases) {
    const stream = new FakeStream([new Uint8Array(bytes)]);
    assert.equal((await bench.connection.open(stream).answer()).body.code, code);
  }
  const head = encodeMessage({ type: filePutStream, flags: Flags.data, body: { name: "taken" } });
  const refused = bench.connection.open(new FakeStream([head], { open: true }));
  assert.equal((await refused.answer()).body.code, "file-exists");
  assert.equal(refused.stoppedWith, ApplicationError.refused);
  const bare = await bench.connection.request(filePutStream, { name: "a" }).answer();
  assert.equal(bare.body.code, "bad-frame");

  const lost = new FakeStream([new Uint8Array(whole.subarray(0, 500))], { open: true });
  bench.connection.open(lost);
  lost.clientResets();
  await lost.over();
  assert.deepEqual(Array.from(Deno.readDirSync(bench.storage.path), ({ name }) => name).sort(), [
    ".msquicd",
    "taken",
  ]);
  assert.deepEqual(staged(bench), []);
});
