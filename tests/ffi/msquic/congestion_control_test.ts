import assert from "node:assert/strict";
import { CONGESTION_CONTROLS, type CongestionControl } from "../../../base/mod.ts";
import { Connection } from "../../../ffi/mod.ts";
import { BadNetwork } from "../../fixtures/network.ts";
import { QuicPair } from "../../fixtures/quic_pair.ts";
import { within } from "../within.ts";
import { firstStream, pattern, readAll } from "./stream_helpers.ts";

const BYTES = 512 * 1024;

const ignore = Deno.build.os !== "linux"; // the network is written for Linux

Deno.test({
  name: "BBR keeps its window where packets are lost at random, CUBIC does not",
  ignore,
  fn: async () => {
    await using pair = await QuicPair.open();
    await using network = await BadNetwork.start({
      targets: [pair.listener.address.port],
      rttMs: 10,
      loss: 2,
    });
    const connections = pair.listener[Symbol.asyncIterator]();
    const windows: Partial<Record<CongestionControl, number>> = {};
    for (const congestionControl of CONGESTION_CONTROLS) {
      const [client, { value: server }] = await Promise.all([
        Connection.connect(pair.registration, {
          configuration: pair.clientConfiguration({ settings: { congestionControl } }),
          server: { hostname: "127.0.0.1", port: network.ports[0]! },
        }),
        connections.next(),
      ]);
      const stream = await client.openStream();
      const sent = stream.send(pattern(BYTES), { fin: true });
      const received = await within(30_000, congestionControl, readAll(await firstStream(server!)));
      assert.equal(received.length, BYTES);
      await sent;
      windows[congestionControl] = client.statistics().congestionWindow;
      await Promise.all([client.close(), server!.close()]);
    }
    const { bbr, cubic } = windows;
    assert.ok(bbr! > 2 * cubic!, `${bbr} bytes with BBR, ${cubic} with CUBIC`);
  },
});
