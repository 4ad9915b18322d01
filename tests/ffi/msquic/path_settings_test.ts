import assert from "node:assert/strict";
import { delay } from "../../../base/mod.ts";
import { Connection, type Stream } from "../../../ffi/mod.ts";
import { QuicPair } from "../../fixtures/quic_pair.ts";
import { SlowPath } from "./slow_path.ts";
import { firstStream, pattern, readAll } from "./stream_helpers.ts";
import { within } from "../within.ts";

/** Both ends give up after so long without an acknowledgement. */
const DISCONNECT_MS = 300;
const BREAK_MS = 500;

async function connectOver(pair: QuicPair, path: SlowPath) {
  const connections = pair.listener[Symbol.asyncIterator]();
  const [client, { value: server }] = await Promise.all([
    Connection.connect(pair.registration, {
      configuration: pair.clientConfiguration({ settings: { disconnectTimeoutMs: DISCONNECT_MS } }),
      server: path.address,
    }),
    connections.next(),
  ]);
  return { client, server: server! };
}

Deno.test("Connection over a long path survives a pause that ends one over a short path", async (t) => {
  await using pair = await QuicPair.open({ disconnectTimeoutMs: DISCONNECT_MS });

  await t.step("120 ms there and back", async () => {
    await using path = await SlowPath.open(pair.listener.address, 60);
    const ends = await connectOver(pair, path);
    const stream = await ends.client.openStream();
    await sendWithPause(stream, path);
    const received = readAll(await firstStream(ends.server));
    assert.equal((await within(10_000, "the transfer", received)).length, 50_010);
    await Promise.all([ends.client.close(), ends.server.close()]);
  });

  await t.step("nothing there and back", async () => {
    await using path = await SlowPath.open(pair.listener.address, 0);
    const ends = await connectOver(pair, path);
    const stream = await ends.client.openStream();
    await assert.rejects(within(10_000, "the end", sendWithPause(stream, path)), {
      code: "connection-ended",
      message: `Connection to 127.0.0.1:${path.address.port} ended: ` +
        "nothing that was sent is acknowledged any more",
    });
    await Promise.all([ends.client.close(), ends.server.close()]);
  });
});

Deno.test("Connection over a short path is acknowledged soon", async () => {
  await using pair = await QuicPair.open();
  await using ends = await pair.connect();
  const stream = await ends.client.openStream();
  const times: number[] = [];
  for (let i = 0; i < 12; i++) {
    const start = performance.now();
    await within(10_000, "an acknowledgement", stream.send(pattern(10)));
    times.push(performance.now() - start);
  }
  // The machine may be busy; without, all but one or two wait for 25 ms.
  assert.ok(times.sort((a, b) => a - b)[3]! < 20, `milliseconds: ${times}`);
  stream.abort();
});

/** Sends while nothing gets through for a while; resolves when all of it has been acknowledged. */
async function sendWithPause(stream: Stream, path: SlowPath): Promise<void> {
  await stream.send(pattern(10));
  path.broken = true;
  const sending = stream.send(pattern(50_000), { fin: true });
  await delay(BREAK_MS);
  path.broken = false;
  await sending;
}
