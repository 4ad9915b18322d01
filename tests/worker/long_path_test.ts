import assert from "node:assert/strict";
import { join } from "node:path";
import { connect } from "../../client/mod.ts";
import { waitFor } from "../e2e/harness.ts";
import { BadNetwork } from "../fixtures/network.ts";
import { withServer } from "../fixtures/server.ts";
import { STREAM_WINDOWS } from "../../worker/settings.ts";

const MIB = 1024 * 1024;

/** What an upload needs that has so much under way, or a little more, in half of its window. */
const WANTED = 16 * MIB;

Deno.test({
  name:
    "Server gives an upload over a long path as much window as it has use for, and takes it back",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withServer(async ({ running, port, token, fingerprint, directory }) => {
      await using network = await BadNetwork.start({
        ...{ targets: [port], rttMs: 400, rateMbit: 500, queueMs: 400 },
      });
      await using client = await connect({
        ...{ server: `127.0.0.1:${network.port}`, token, fingerprint, compress: "none" },
      });
      const path = join(directory, "file");
      await Deno.create(path).then((file) => file.close());
      await Deno.truncate(path, 80 * MIB);
      let most = 0;
      await client.put(path, "file", {
        onProgress: () => void (most = Math.max(most, running.memoryUsed)),
      });
      assert.ok(most >= WANTED && most <= STREAM_WINDOWS.most, `${most / MIB} MiB`);
      await waitFor("all is given back", () => Promise.resolve(running.memoryUsed === 0));
    }, { memoryBudgetBytes: 512 * MIB }),
});
