import assert from "node:assert/strict";
import { delay } from "../../../base/mod.ts";
import type { Connection, Stream } from "../../../ffi/mod.ts";
import { BadNetwork } from "../../fixtures/network.ts";
import { QuicPair } from "../../fixtures/quic_pair.ts";
import { within } from "../within.ts";
import { connectOver } from "./connect_over.ts";
import { firstStream, pattern, readAll } from "./stream_helpers.ts";

/** How long one is looked at to see that it lives on, in milliseconds: more than three windows. */
const LOOK_MS = 4000;

/** How long all is lost, in milliseconds: for 200 it happens that another of its packets asks. */
const LOSS_MS = 600;

const ignore = Deno.build.os !== "linux";

/** Ends of a connection through a network on which the client's address changes. */
async function openMoving() {
  await using opened = new AsyncDisposableStack();
  const pair = opened.use(await QuicPair.open());
  const targets = [pair.listener.address.port];
  const network = opened.use(await BadNetwork.start({ targets, rttMs: 10, rateMbit: 20 }));
  const address = { hostname: "127.0.0.1", port: network.port };
  const { client, server } = await connectOver(pair, address, { keepAliveIntervalMs: 200 });
  opened.use(client);
  opened.use(server);
  const owned = opened.move();
  return { network, client, server, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Changes the client's address, and loses what asks it for an answer; sends on a stream meanwhile. */
async function moveUnasked(network: BadNetwork, client: Connection): Promise<Stream> {
  await network.change({ loss: 100 }, "down");
  await network.rebind();
  const stream = await client.openStream();
  void stream.send(pattern(10)).catch(() => {});
  await delay(LOSS_MS);
  await network.change({ loss: 0 }, "down");
  return stream;
}

async function endOf(connection: Connection) {
  const { by, errorCode } = await within(20_000, "the end", connection.ended);
  return { by, errorCode };
}

Deno.test({
  name: "Connection ends where its peer's new address is not asked a second time for its answer",
  ignore,
  async fn() {
    await using ends = await openMoving();
    const stream = await ends.client.openStream();
    void stream.send(pattern(10));
    const reading = readAll(stream).catch(() => {});
    const sending = (await firstStream(ends.server)).send(pattern(20_000_000)).catch(() => {});
    await delay(200);
    await moveUnasked(ends.network, ends.client);
    assert.deepEqual(await endOf(ends.client), { by: "peer", errorCode: 0 });
    await Promise.all([reading, sending]);
  },
});

Deno.test({
  name: "Connection ends also where there is something to send only long after its peer has moved",
  ignore,
  async fn() {
    await using ends = await openMoving();
    const asking = await moveUnasked(ends.network, ends.client);
    const reading = readAll(asking).catch(() => {});
    await delay(LOOK_MS);
    const { value: stream } = await ends.server.streams[Symbol.asyncIterator]().next();
    const sending = stream!.send(pattern(20_000_000)).catch(() => {});
    assert.deepEqual(await endOf(ends.client), { by: "peer", errorCode: 0 });
    await Promise.all([reading, sending]);
  },
});

Deno.test({
  name:
    "Connection lives on where its peer has moved and gets no more than three times what it sends",
  ignore,
  async fn() {
    await using ends = await openMoving();
    const until = performance.now() + LOOK_MS;
    let ended = false;
    void ends.client.ended.then(() => ended = true);
    await ends.network.rebind();
    const answering = (async () => {
      for await (const stream of ends.server.streams) {
        const { length } = await readAll(stream);
        await stream.send(pattern(2.7 * length), { fin: true });
      }
    })().catch(() => {});
    const { bytesSent, bytesReceived } = ends.server.statistics();
    while (performance.now() < until && !ended) {
      const stream = await ends.client.openStream();
      await stream.send(pattern(1000), { fin: true });
      assert.equal((await readAll(stream)).length, 2700);
    }
    assert.ok(!ended);
    const now = ends.server.statistics();
    const share = (now.bytesSent - bytesSent) / (now.bytesReceived - bytesReceived);
    assert.ok(share > 2 && share < 3, `${share} times`);
    await ends.client.close();
    await answering;
  },
});
