import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { delay } from "../../base/mod.ts";
import { encodeMessage, Flags, MessageType } from "../../protocol/mod.ts";
import { FakeStream, SessionBench } from "../worker/fakes.ts";

const { ping, echo } = MessageType;

Deno.test("ping answers with the time", async () => {
  await using bench = await SessionBench.open();
  const { flags, body } = await bench.connection.request(ping, {}).answer();
  assert.equal(flags, Flags.response);
  assert.ok(Math.abs(Number(body.time) - Date.now()) < 60_000);
});

Deno.test("echo sends back the body", async () => {
  await using bench = await SessionBench.open();
  const body = { text: "ü", list: [1, null, { deep: true }], bytes: new Uint8Array([1, 2, 3]) };
  const answer = await bench.connection.request(echo, body).answer();
  assert.deepEqual(answer, {
    type: echo,
    flags: Flags.response,
    body,
    data: new Uint8Array(),
  });
});

Deno.test("echo sends back raw bytes of any length", async () => {
  await using bench = await SessionBench.open();
  for (const length of [0, 1, 3_000_000]) {
    const data = new Uint8Array(randomBytes(length));
    const head = encodeMessage({ type: echo, flags: Flags.data, body: {} });
    const chunks = [head];
    for (let at = 0; at < length; at += 70_000) chunks.push(data.subarray(at, at + 70_000));
    const answer = await bench.connection.open(new FakeStream(chunks)).answer();
    assert.equal(answer.flags, Flags.response | Flags.data);
    assert.equal(Buffer.compare(answer.data, data), 0);
  }
});

Deno.test("echo reads no further while its client does not take bytes back", async () => {
  await using bench = await SessionBench.open();
  const head = encodeMessage({ type: echo, flags: Flags.data, body: {} });
  const stream = new SluggishStream([head], { open: true });
  bench.connection.open(stream);
  for (let i = 0; i < 100; i++) stream.clientSends(new Uint8Array(100_000));
  stream.clientEnds();
  await stream.stuck();
  assert.ok(stream.bytesSent <= 1.2 * 1024 * 1024, `${stream.bytesSent} bytes in flight`);
  stream.takeAll();
  assert.equal((await stream.answer()).data.length, 10_000_000);
});

Deno.test("echo holds no more for all its clients than it may, and goes on with each", async () => {
  await using bench = await SessionBench.open();
  const head = encodeMessage({ type: echo, flags: Flags.data, body: {} });
  const data = new Uint8Array(500_000);
  const streams = Array.from({ length: 200 }, () => {
    const stream = new SluggishStream([head], { open: true });
    stream.clientSends(data);
    stream.clientEnds();
    bench.connection.open(stream);
    return stream;
  });
  await Promise.all(streams.map((stream) => stream.stuck()));
  const held = streams.reduce((sum, { bytesSent }) => sum + bytesSent, 0);
  assert.ok(held > 60 * 1024 * 1024, `${held} bytes in flight`);
  assert.ok(held < 80 * 1024 * 1024, `${held} bytes in flight`);
  for (const stream of streams) stream.takeAll();
  for (const stream of streams) assert.equal((await stream.answer()).data.length, data.length);
});

/** A stream whose sends are done only when the test says so. */
class SluggishStream extends FakeStream {
  readonly #gate = Promise.withResolvers<void>();
  #reads = 0;
  bytesSent = 0;

  takeAll(): void {
    this.#gate.resolve();
  }

  /** Resolves when nothing has been read for a while. */
  async stuck(): Promise<void> {
    for (let reads = -1; reads !== this.#reads;) {
      reads = this.#reads;
      await delay(50);
    }
  }

  override read(options?: { signal?: AbortSignal }): Promise<Uint8Array | null> {
    this.#reads++;
    return super.read(options);
  }

  override async send(data: Uint8Array, options?: { fin?: boolean }): Promise<void> {
    this.bytesSent += data.length;
    const sent = super.send(data, options);
    await this.#gate.promise;
    await sent;
  }
}
