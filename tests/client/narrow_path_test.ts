import assert from "node:assert/strict";
import { connect } from "../../client/mod.ts";
import { ConnectTimeoutError } from "../../client/errors.ts";
import { BadNetwork } from "../fixtures/network.ts";
import { withServer } from "../fixtures/server.ts";

Deno.test({
  name: "A file passes a path of any width from 1,248 bytes on, and below that the error says so",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withServer(async ({ port, token, fingerprint }) => {
      await using network = await BadNetwork.start({ targets: [port], mtu: 1248 });
      const server = `127.0.0.1:${network.port}`;
      const data = new Uint8Array(300_000).map((_, index) => index % 251);
      for (const mtu of [1248, 1280, 1400]) {
        await network.change({ mtu });
        await using client = await connect({ server, token, fingerprint });
        const { body, data: back } = await client.echo({ mtu }, data.subarray(0, 60_000));
        assert.deepEqual([body, back], [{ mtu }, data.subarray(0, 60_000)]);
        await client.put(data, `of-${mtu}`);
      }
      await network.change({ mtu: 1240 });
      const narrow = connect({ server, token, fingerprint, timeoutMs: 400 });
      await assert.rejects(narrow, (error) => {
        assert.ok(error instanceof ConnectTimeoutError);
        assert.match(error.message, /packets of 1,248 bytes/);
        return true;
      });
    }),
});
