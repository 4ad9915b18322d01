import assert from "node:assert/strict";
import { Connection } from "../../../ffi/mod.ts";
import { BadNetwork, type Impairments } from "../../fixtures/network.ts";
import { QuicPair } from "../../fixtures/quic_pair.ts";
import { within } from "../within.ts";
import { firstStream, pattern, readAll, rejectsWith } from "./stream_helpers.ts";

const ignore = Deno.build.os !== "linux"; // the network is written for Linux

async function connectOver(impairments: Impairments & { rttMs: number }) {
  await using stack = new AsyncDisposableStack();
  const pair = stack.use(await QuicPair.open());
  const targets = [pair.listener.address.port];
  const network = stack.use(await BadNetwork.start({ targets, ...impairments }));
  const connections = pair.listener[Symbol.asyncIterator]();
  const [client, { value: server }] = await Promise.all([
    Connection.connect(pair.registration, {
      configuration: pair.clientConfiguration({ settings: { congestionControl: "bbr" } }),
      server: { hostname: "127.0.0.1", port: network.ports[0]! },
    }),
    connections.next(),
  ]);
  stack.defer(async () => void await Promise.all([client.close(), server!.close()]));
  const owned = stack.move();
  return { client, server: server!, network, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

Deno.test({
  name: "Flight keeps sends in their order, whether they wait for room or not",
  ignore,
  fn: async () => {
    await using ends = await connectOver({ rttMs: 10 });
    const bytes = pattern(700_000);
    const stream = await ends.client.openStream();
    for (const [from, to] of [[0, 300_000], [300_000, 300_010], [300_010, 699_000]]) {
      void stream.send(bytes.subarray(from, to));
    }
    void stream.send(bytes.subarray(699_000));
    const finished = stream.finish();
    await assert.rejects(stream.send(bytes), TypeError);
    const received = await within(10_000, "the bytes", readAll(await firstStream(ends.server)));
    assert.deepEqual(received, bytes);
    await within(10_000, "their acknowledgement", finished);
  },
});

Deno.test({
  name: "Flight gives up what waits on a stream that is reset, and goes on with another",
  ignore,
  fn: async () => {
    await using ends = await connectOver({ rttMs: 10, rateMbit: 20, queueMs: 50 });
    const [given, kept] = [await ends.client.openStream(), await ends.client.openStream()];
    const lost = given.send(pattern(4_000_000));
    const sent = kept.send(pattern(100_000), { fin: true });
    given.abort(3);
    await within(10_000, "the reset", assert.rejects(lost, rejectsWith("stream-aborted")));
    await within(
      10_000,
      "the other stream",
      Promise.all([
        sent,
        (async () => {
          for await (const stream of ends.server.streams) {
            if (stream.id !== kept.id) continue;
            return assert.equal((await readAll(stream)).length, 100_000);
          }
        })(),
      ]),
    );
  },
});

Deno.test({
  name: "Flight has little more under way than a slow path with a short queue holds",
  ignore,
  fn: async () => {
    await using ends = await connectOver({ rttMs: 20, rateMbit: 20, queueMs: 20 });
    const stream = await ends.client.openStream();
    const sent = stream.send(pattern(3_000_000), { fin: true });
    await within(20_000, "the bytes", readAll(await firstStream(ends.server)));
    await within(20_000, "their acknowledgement", sent);
    const { received, queueDropped } = (await ends.network.figures()).up;
    assert.ok(queueDropped < 0.25 * received, `${queueDropped} of ${received} were dropped`);
  },
});

Deno.test({
  name: "Flight spreads over time what a short queue has no room for, and loses none of it",
  ignore,
  fn: async () => {
    await using ends = await connectOver({ rttMs: 20, rateMbit: 20, queueMs: 3 });
    const bytes = pattern(1_000_000);
    const streams = [await ends.client.openStream(), await ends.client.openStream()];
    const sent = streams.map((stream) => stream.send(bytes, { fin: true }));
    const received: Promise<Uint8Array>[] = [];
    for await (const stream of ends.server.streams) {
      if (received.push(readAll(stream)) === streams.length) break;
    }
    for (const got of await within(20_000, "the bytes", Promise.all(received))) {
      assert.deepEqual(got, bytes);
    }
    await within(20_000, "their acknowledgement", Promise.all(sent));
  },
});
