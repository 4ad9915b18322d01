/** Uploads that need large windows; see `deno task test:network`. */
import "../fixtures/loaded_msquic.ts";
import assert from "node:assert/strict";
import { MIB } from "../resume/bench.ts";
import { Scene } from "./scene.ts";

Deno.test("put over 1 Gbit/s and 200 ms is not held up by the worker's windows", async () => {
  await using scene = await Scene.open({ rttMs: 200, rateMbit: 1000, queueMs: 200 });
  const transfer = await scene.put("file", 512 * MIB);
  const { ms, bytes } = await transfer.done();
  const [{ limitedBy }] = JSON.parse(transfer.running.stdout) as [{ limitedBy: string }];
  console.log(`${ms} ms, ${(bytes * 8 / ms / 1000).toFixed()} Mbit/s, held up by ${limitedBy}`);
  assert.notEqual(limitedBy, "flow-control");
});
