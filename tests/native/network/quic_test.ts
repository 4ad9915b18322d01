import assert from "node:assert/strict";
import { Connection } from "../../../ffi/mod.ts";
import { firstStream, pattern, readAll } from "../../ffi/msquic/stream_helpers.ts";
import { within } from "../../ffi/within.ts";
import { BadNetwork } from "../../fixtures/network.ts";
import { QuicPair } from "../../fixtures/quic_pair.ts";

const BYTES = 1024 * 1024;
const HEADER_BYTES = 28;

Deno.test({
  // MsQuic hands many datagrams to the system as one, and takes many as one.
  name: "The bad network takes what MsQuic sends datagram by datagram, and every byte is right",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using pair = await QuicPair.open();
    await using network = await BadNetwork.start({
      ...{ targets: [pair.listener.address.port], rttMs: 4, mtu: 1500 },
      ...{ loss: 3, duplicate: 2, reorder: 3, reorderByMs: 2, corrupt: 1 },
    });
    const connections = pair.listener[Symbol.asyncIterator]();
    const [client, { value: server }] = await Promise.all([
      Connection.connect(pair.registration, {
        configuration: pair.clientConfiguration({ settings: { congestionControl: "bbr" } }),
        server: { hostname: "127.0.0.1", port: network.port },
      }),
      connections.next(),
    ]);
    const stream = await client.openStream();
    const sent = stream.send(pattern(BYTES), { fin: true });
    const received = await within(30_000, "the bytes", readAll(await firstStream(server!)));
    assert.deepEqual(received, pattern(BYTES));
    await sent;
    const { up } = await network.figures();
    assert.ok(up.receivedBytes / up.received <= 1500 - HEADER_BYTES);
    const { received: count, lost, duplicated, reordered, corrupted } = up;
    assert.ok(count > BYTES / 1500, String(count));
    for (const hit of [lost, duplicated, reordered, corrupted]) {
      assert.ok(hit > 0 && hit < count / 10, String(hit));
    }
    await Promise.all([client.close(), server!.close()]);
  },
});
