import assert from "node:assert/strict";
import { join } from "node:path";
import { connect } from "../../client/mod.ts";
import { BadNetwork } from "../fixtures/network.ts";
import { withServer } from "../fixtures/server.ts";

const MIB = 1024 * 1024;

Deno.test({
  name: "put() and get() through a slow network say that it was the network",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withServer(async ({ port, token, fingerprint, directory }) => {
      await using network = await BadNetwork.start({ targets: [port], rttMs: 20, rateMbit: 30 });
      const server = `127.0.0.1:${network.port}`;
      await using client = await connect({ server, token, fingerprint, compress: "none" });
      const path = join(directory, "a");
      await Deno.writeFile(path, new Uint8Array(1.5 * MIB));
      const results = [
        await client.put(new Uint8Array(1.5 * MIB), "a"),
        await client.put(path, "b"),
        await client.get("a", join(directory, "b")),
      ];
      for (const { limitedBy, network } of results) {
        assert.equal(limitedBy, "network");
        assert.ok(network !== undefined && network.rttMs >= 20 && network.minRttMs >= 20);
        assert.ok(network.packetsSent > 0 && network.packetsLost <= network.packetsSent);
        assert.ok(network.congestionWindow > 0 && network.mtu >= 1248);
      }
    }),
});
