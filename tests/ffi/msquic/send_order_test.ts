import assert from "node:assert/strict";
import type { Connection, Stream } from "../../../ffi/mod.ts";
import { SendOrder, SendPlace } from "../../../ffi/msquic/send_order.ts";
import { QuicPair } from "../../fixtures/quic_pair.ts";
import { within } from "../within.ts";

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;

/** More than what fills any path between two ends of this process. */
const LARGE = 8 * MEBIBYTE;

Deno.test("Streams of a connection take turns, what is small in front", async (t) => {
  const windows = { streamRecvWindow: LARGE, connFlowControlWindow: 4 * LARGE };
  await using pair = await QuicPair.open(windows);

  await t.step("a small one behind a large one comes first", async () => {
    await using ends = await pair.connect();
    const large = await ends.client.openStream();
    const sending = large.send(new Uint8Array(LARGE), { fin: true });
    const small = await ends.client.openStream();
    await small.send(new Uint8Array(3), { fin: true });
    const arrivals = new Arrivals(ends.server);
    await within(30_000, "both streams", arrivals.ended(2));
    assert.deepEqual(arrivals.ends.map(({ bytes }) => bytes), [3, LARGE]);
    const before = arrivals.ends[0]!.all;
    assert.ok(before < LARGE / 2, `${before} bytes came before it`);
    await sending;
  });

  await t.step("large ones side by side", async () => {
    await using ends = await pair.connect();
    const sending = await Promise.all([1, 2].map(async () => {
      const stream = await ends.client.openStream();
      return { sent: stream.send(new Uint8Array(LARGE), { fin: true }) };
    }));
    const arrivals = new Arrivals(ends.server);
    await within(30_000, "both streams", arrivals.ended(2));
    const before = arrivals.ends[0]!.all;
    assert.ok(before > LARGE * 1.5, `${before} bytes had come when the first ended`);
    await Promise.all(sending.map(({ sent }) => sent));
  });
});

/** What comes on the streams that a peer opens, all of which are read and ended. */
class Arrivals {
  /** Of the streams that have ended, how much came on each, and on all until then. */
  readonly ends: { bytes: number; all: number }[] = [];
  #all = 0;
  #noted = Promise.withResolvers<void>();

  constructor(connection: Connection) {
    void this.#take(connection);
  }

  async ended(count: number): Promise<void> {
    while (this.ends.length < count) await this.#noted.promise;
  }

  async #take(connection: Connection): Promise<void> {
    for await (const stream of connection.streams) void this.#read(stream).catch(() => {});
  }

  async #read(stream: Stream): Promise<void> {
    let bytes = 0;
    for (let chunk = await stream.read(); chunk !== null; chunk = await stream.read()) {
      bytes += chunk.length;
      this.#all += chunk.length;
    }
    this.ends.push({ bytes, all: this.#all });
    this.#noted.resolve();
    this.#noted = Promise.withResolvers();
    await stream.finish();
  }
}

Deno.test("SendPlace moves a stream back once, when it has sent more than a turn or two", () => {
  const place = new SendPlace(new SendOrder());
  assert.equal(place.goesBehind(10 * KIBIBYTE), false);
  assert.equal(place.goesBehind(6 * KIBIBYTE), false);
  assert.equal(place.goesBehind(1), true);
  assert.equal(place.goesBehind(MEBIBYTE), false);
});

Deno.test("SendOrder has small streams take turns with bulk that does not come further", () => {
  const order = new SendOrder();
  const goesBehind = () => new SendPlace(order).goesBehind(8 * KIBIBYTE);
  const nine = () => Array.from({ length: 9 }, goesBehind).filter((behind) => behind).length;
  assert.equal(nine(), 0, "without bulk");
  const bulk = new SendPlace(order);
  assert.equal(bulk.goesBehind(MEBIBYTE), true);
  assert.equal(nine(), 1, "the head start is used up");
  assert.equal(nine(), 9, "nothing of the bulk has gone");
  bulk.goesBehind(16 * KIBIBYTE);
  assert.equal(nine(), 7, "it comes further");
  bulk.end();
  assert.equal(nine(), 0, "it is over");
});
