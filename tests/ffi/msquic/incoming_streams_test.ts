import assert from "node:assert/strict";
import type { Stream } from "../../../ffi/mod.ts";
import type { StreamTaker } from "../../../ffi/msquic/incoming_streams.ts";
import { QuicPair } from "../../fixtures/quic_pair.ts";
import { pattern, readAll } from "./stream_helpers.ts";

/** Answers streams that come as a whole, if they have such a length, and keeps all others. */
class Answering implements StreamTaker {
  readonly offered: number[] = [];
  readonly others: Stream[] = [];
  readonly #wanted: (length: number) => boolean;

  constructor(wanted: (length: number) => boolean) {
    this.#wanted = wanted;
  }

  takeWhole(stream: Stream, bytes: Uint8Array): boolean {
    this.offered.push(bytes.length);
    if (!this.#wanted(bytes.length)) return false;
    // What is borrowed is copied by sendAll.
    stream.sendAll(bytes, { resolve() {}, reject() {} });
    return true;
  }

  take(stream: Stream): void {
    this.others.push(stream);
  }

  end(): void {}
}

Deno.test("What comes as a whole is offered first, and taken once", async () => {
  await using pair = await QuicPair.open();
  await using ends = await pair.connect();
  const taker = new Answering((length) => length !== 700);
  ends.server.streams.handTo(taker);
  const echo = async (bytes: Uint8Array) => {
    const stream = await ends.client.openStream();
    void stream.send(bytes, { fin: true });
    const answer = await readAll(stream);
    await stream.closed;
    return answer;
  };
  const lengths = [1, 500, 1000, 3];
  const answers = await Promise.all(lengths.map((length) => echo(pattern(length))));
  assert.deepEqual(answers, lengths.map(pattern));
  assert.deepEqual(taker.offered.toSorted((a, b) => a - b), [1, 3, 500, 1000]);
  assert.equal(taker.others.length, 0);

  // One that is not wanted is handed over like any other, with all of its bytes.
  const stream = await ends.client.openStream();
  void stream.send(pattern(700), { fin: true });
  while (taker.others.length === 0) await turn();
  const [other] = taker.others;
  assert.ok(other !== undefined && taker.offered.at(-1) === 700);
  assert.deepEqual(await readAll(other), pattern(700));
  await other.finish();
  assert.deepEqual(await readAll(stream), new Uint8Array());
});

Deno.test("What comes in pieces, or is long, is not offered", async () => {
  await using pair = await QuicPair.open();
  await using ends = await pair.connect();
  const taker = new Answering(() => true);
  ends.server.streams.handTo(taker);
  const pieces = await ends.client.openStream();
  await pieces.send(pattern(10)); // it has arrived
  void pieces.send(pattern(10), { fin: true });
  const long = await ends.client.openStream();
  void long.send(pattern(100_000), { fin: true });
  while (taker.others.length < 2) await turn();
  const received = await Promise.all(taker.others.map(readAll));
  assert.deepEqual(received.map(({ length }) => length).toSorted((a, b) => a - b), [20, 100_000]);
  assert.deepEqual(taker.offered, []);
  for (const stream of taker.others) await stream.finish();
  for (const stream of [pieces, long]) await stream.close();
});

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}
