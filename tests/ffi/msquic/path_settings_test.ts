import assert from "node:assert/strict";
import { delay } from "../../../base/mod.ts";
import { minAckDelayMs, type Stream } from "../../../ffi/mod.ts";
import { BadNetwork } from "../../fixtures/network.ts";
import { QuicPair } from "../../fixtures/quic_pair.ts";
import { SlowPath } from "./slow_path.ts";
import { connectOver } from "./connect_over.ts";
import { firstStream, pattern, readAll } from "./stream_helpers.ts";
import { within } from "../within.ts";

/** Both ends give up after so long without an acknowledgement. */
const DISCONNECT_MS = 500;
const SETTINGS = { disconnectTimeoutMs: DISCONNECT_MS };

/** How long a path is broken, in milliseconds. */
const BREAK_MS = 800;

Deno.test("Connection over a long path survives a pause that ends one over a short path", async (t) => {
  await using pair = await QuicPair.open(SETTINGS);

  await t.step("240 ms there and back", async () => {
    await using path = await SlowPath.open(pair.listener.address, 120);
    const ends = await connectOver(pair, path.address, SETTINGS);
    const stream = await ends.client.openStream();
    const { sent } = await sendInVain(stream, path);
    await delay(BREAK_MS);
    path.broken = false;
    await sent;
    const received = readAll(await firstStream(ends.server));
    assert.equal((await within(30_000, "the transfer", received)).length, 50_010);
    await Promise.all([ends.client.close(), ends.server.close()]);
  });

  await t.step("nothing there and back", async () => {
    await using path = await SlowPath.open(pair.listener.address, 0);
    const ends = await connectOver(pair, path.address, SETTINGS);
    const stream = await ends.client.openStream();
    // It stays so: on a busy machine this path is not that short, and the end comes later.
    const { sent } = await sendInVain(stream, path);
    await assert.rejects(within(30_000, "the end", sent), {
      code: "connection-ended",
      message: `Connection to 127.0.0.1:${path.address.port} ended: ` +
        "nothing that was sent is acknowledged any more",
    });
    await Promise.all([ends.client.close(), ends.server.close()]);
  });
});

Deno.test("Connection over a short path acknowledges as soon as its peer lets itself be asked to", async () => {
  await using pair = await QuicPair.open();
  for (const peerMinMs of [undefined, 22, minAckDelayMs()]) {
    await using ends = await pair.connect();
    if (peerMinMs !== undefined) ends.server.acknowledgeSooner(peerMinMs);
    const isSoon = peerMinMs === minAckDelayMs();
    const stream = await ends.client.openStream();
    const times: number[] = [];
    const fitting = () => times.filter((ms) => ms < 20 === isSoon).length;
    // The machine may be busy, and one or two are acknowledged at once.
    while (fitting() < 4 && times.length < 60) {
      const start = performance.now();
      await within(30_000, "an acknowledgement", stream.send(pattern(10)));
      times.push(performance.now() - start);
    }
    assert.ok(fitting() >= 4, `${peerMinMs}: milliseconds: ${times}`);
    stream.abort();
  }
});

/** Breaks the path, and sends; `sent` resolves when all of it has been acknowledged. */
async function sendInVain(stream: Stream, path: SlowPath): Promise<{ sent: Promise<void> }> {
  await stream.send(pattern(10));
  path.broken = true;
  return { sent: stream.send(pattern(50_000), { fin: true }) };
}

Deno.test({
  name: "Connection takes a path that its peer has moved to for as long as the one before",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using pair = await QuicPair.open();
    const targets = [pair.listener.address.port];
    await using network = await BadNetwork.start({ targets, rttMs: 20 });
    const address = { hostname: "127.0.0.1", port: network.port };
    const { client, server } = await connectOver(pair, address);
    const before = server.remoteAddress;
    await network.rebind();
    await (await client.openStream()).send(pattern(10), { fin: true });
    await readAll(await firstStream(server));
    assert.notDeepEqual(server.remoteAddress, before);
    const { rttUs } = server.statistics();
    assert.ok(rttUs < 200_000, `${rttUs} µs, as of a path of which nothing is known`);
    await Promise.all([client.close(), server.close()]);
  },
});
