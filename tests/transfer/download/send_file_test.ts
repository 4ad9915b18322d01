import assert from "node:assert/strict";
import { join } from "node:path";
import { ApplicationError } from "../../../protocol/mod.ts";
import { type ByteSink, sendFile, type SendFileOptions } from "../../../transfer/mod.ts";
import { MemorySink, nextTurn, pattern, sha256, withTrailer } from "../memory_streams.ts";
import { temporaryDirectory } from "../temporary.ts";

const MIB = 1024 * 1024;

async function send(
  sink: ByteSink,
  content: Uint8Array,
  options: SendFileOptions & { size?: number } = {},
): Promise<string> {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "file");
  await Deno.writeFile(path, content);
  using file = await Deno.open(path);
  return await sendFile(sink, file, options.size ?? content.length, options);
}

for (const size of [0, 1, 31, 32, MIB - 33, MIB - 1, MIB, MIB + 1, 5 * MIB, 10 * MIB + 12_345]) {
  Deno.test(`sendFile() sends ${size} bytes, their SHA-256 and FIN`, async () => {
    const content = pattern(size);
    const sink = new MemorySink();
    const progress: number[] = [];
    const hash = await send(sink, content, { onProgress: (bytes) => progress.push(bytes) });
    assert.equal(hash, sha256(content).toHex());
    assert.equal(sha256(sink.bytes).toHex(), sha256(withTrailer(content)).toHex());
    assert.deepEqual(sink.sent.map(({ fin }) => fin), [
      ...sink.sent.slice(1).map(() => false),
      true,
    ]);
    assert.deepEqual(progress, progress.toSorted((a, b) => a - b));
    assert.equal(progress.at(-1), size);
    assert.deepEqual(sink.aborts, []);
  });
}

Deno.test("sendFile() keeps a few blocks in flight, and not more", async () => {
  const sink = new MemorySink();
  await send(sink, pattern(12 * MIB));
  assert.equal(sink.mostInFlight, 4);
  assert.ok(sink.sent.every(({ data }) => data.length <= MIB + 32));
});

Deno.test("sendFile() starts at the file's position, and leaves FIN to the caller if told so", async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "file");
  await Deno.writeTextFile(path, "head, body, tail");
  using file = await Deno.open(path);
  await file.seek(6, Deno.SeekMode.Start);
  const sink = new MemorySink();
  await sendFile(sink, file, 4, { fin: false });
  assert.deepEqual(sink.bytes, withTrailer(new TextEncoder().encode("body")));
  assert.ok(!sink.sent.some(({ fin }) => fin));
});

Deno.test("sendFile() throws when the file is shorter than announced, and aborts the sink", async () => {
  const sink = new MemorySink();
  const sending = send(sink, pattern(3 * MIB), { size: 3 * MIB + 1 });
  await assert.rejects(sending, { name: "SizeChangedError", code: "size-changed" });
  assert.equal(sink.inFlight, 0);
  assert.deepEqual(sink.aborts, [ApplicationError.abandoned]);
});

Deno.test("sendFile() stops when the signal aborts, with nothing in flight", async () => {
  const controller = new AbortController();
  const reason = new Error("Enough");
  const sink = new MemorySink();
  const onProgress = (bytes: number) => bytes >= 2 * MIB && controller.abort(reason);
  const sending = send(sink, pattern(20 * MIB), { signal: controller.signal, onProgress });
  await assert.rejects(sending, (error) => error === reason);
  assert.equal(sink.inFlight, 0);
  assert.equal(sink.aborts[0], ApplicationError.cancelled);
  assert.ok(sink.bytes.length < 10 * MIB);
});

Deno.test("sendFile() sends nothing when the signal has aborted before", async () => {
  const sink = new MemorySink();
  const sending = send(sink, pattern(1), { signal: AbortSignal.abort(new Error("Enough")) });
  await assert.rejects(sending, { message: "Enough" });
  assert.deepEqual(sink.sent, []);
});

Deno.test("sendFile() frees a sink that is stuck by aborting it", async () => {
  const controller = new AbortController();
  const stuck = Promise.withResolvers<void>();
  stuck.promise.catch(() => {}); // a busy machine has not sent anything by then
  const sink: ByteSink = {
    send: () => stuck.promise,
    abort: () => stuck.reject(new Error("Stream reset here")),
  };
  const sending = send(sink, pattern(9 * MIB), { signal: controller.signal });
  setTimeout(() => controller.abort(new Error("Enough")), 20);
  await assert.rejects(sending, { message: "Enough" });
});

class FailingSink extends MemorySink {
  #left = 2;

  protected override finishSend(): Promise<void> {
    if (this.#left-- > 0) return Promise.resolve();
    return Promise.reject(new Error(`Sink failed ${-this.#left}`));
  }
}

Deno.test("sendFile() throws the sink's first error once nothing is in flight, and does not abort", async () => {
  const sink = new FailingSink();
  await assert.rejects(send(sink, pattern(20 * MIB)), { message: "Sink failed 1" });
  assert.equal(sink.inFlight, 0);
  assert.ok(sink.sent.length < 10);
  assert.deepEqual(sink.aborts, []);
});

Deno.test("sendFile() throws what the progress callback throws", async () => {
  const onProgress = () => {
    throw new Error("Cannot draw");
  };
  const sink = new MemorySink();
  await assert.rejects(send(sink, pattern(6 * MIB), { onProgress }), { message: "Cannot draw" });
  await nextTurn();
  assert.equal(sink.inFlight, 0);
});
