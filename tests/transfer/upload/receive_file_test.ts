import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { type ByteSource, MessageReader } from "../../../protocol/mod.ts";
import { receiveFile, type ReceiveFileOptions, sendFile } from "../../../transfer/mod.ts";
import { lendingSource, MemorySink, pattern, sha256, withTrailer } from "../memory_streams.ts";
import { temporaryDirectory } from "../temporary.ts";

const MIB = 1024 * 1024;

async function receive(
  source: ByteSource,
  size: number,
  options: ReceiveFileOptions = {},
): Promise<{ hash: string; content: Uint8Array }> {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "file");
  using file = await Deno.open(path, { write: true, createNew: true });
  const hash = await receiveFile(new MessageReader(source), file, size, options);
  return { hash, content: await Deno.readFile(path) };
}

for (const size of [0, 1, MIB - 1, MIB, MIB + 1, 10 * MIB + 12_345]) {
  Deno.test(`receiveFile() writes ${size} bytes`, async () => {
    const content = pattern(size);
    const progress: number[] = [];
    const onProgress = (bytes: number) => progress.push(bytes);
    const got = await receive(lendingSource(withTrailer(content)), size, { onProgress });
    assert.equal(got.hash, sha256(content).toHex());
    assert.equal(sha256(got.content).toHex(), got.hash);
    if (size > 0) assert.equal(progress.at(-1), size);
  });
}

Deno.test("receiveFile() takes data however it is cut", async () => {
  const cases = fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 100 }));
  await fc.assert(
    fc.asyncProperty(cases, async ([content, chunkLength]) => {
      const got = await receive(lendingSource(withTrailer(content), chunkLength), content.length);
      assert.deepEqual(got.content, content);
    }),
    { numRuns: 30 },
  );
});

Deno.test("receiveFile() takes what sendFile() sends", async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "file");
  const content = pattern(10 * MIB + 1);
  await Deno.writeFile(path, content);
  using file = await Deno.open(path);
  const sink = new MemorySink();
  const hash = await sendFile(sink, file, content.length);
  const got = await receive(lendingSource(sink.bytes), content.length);
  assert.equal(got.hash, hash);
});

Deno.test("receiveFile() says hash-mismatch when a bit is wrong, in the data or in the hash", async () => {
  const whole = withTrailer(pattern(1000));
  for (const position of [0, 999, 1000, 1031]) {
    const broken = whole.slice();
    broken[position] = (broken[position] ?? 0) ^ 1;
    await assert.rejects(receive(lendingSource(broken), 1000), { code: "hash-mismatch" });
  }
});

Deno.test("receiveFile() says size-mismatch when there are fewer or more bytes than announced", async () => {
  const whole = withTrailer(pattern(1000));
  for (const length of [0, 999, 1000, 1031]) {
    const source = lendingSource(whole.subarray(0, length), 300);
    await assert.rejects(receive(source, 1000), { code: "size-mismatch" }, `${length} bytes`);
  }
  for (const chunkLength of [300, 10_000]) {
    const source = lendingSource(withTrailer(pattern(1001)), chunkLength);
    await assert.rejects(receive(source, 1000), { code: "size-mismatch" });
  }
});

Deno.test("receiveFile() stops when the signal aborts", async () => {
  const controller = new AbortController();
  const onProgress = (bytes: number) => bytes >= MIB && controller.abort(new Error("Enough"));
  const receiving = receive(lendingSource(withTrailer(pattern(5 * MIB))), 5 * MIB, {
    signal: controller.signal,
    onProgress,
  });
  await assert.rejects(receiving, { message: "Enough" });
});

Deno.test("receiveFile() throws what the source throws", async () => {
  const source = lendingSource(pattern(500), 100);
  let left = 3;
  const failing: ByteSource = {
    read: () => left-- > 0 ? source.read() : Promise.reject(new Error("Stream reset")),
  };
  await assert.rejects(receive(failing, 1000), { message: "Stream reset" });
});

Deno.test({
  name: "receiveFile() says no-space when the disk is full",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using full = await Deno.open("/dev/full", { write: true });
    const reader = new MessageReader(lendingSource(withTrailer(pattern(1000))));
    const wanted = { name: "NoSpaceError", code: "no-space" };
    await assert.rejects(receiveFile(reader, full, 1000), wanted);
  },
});
