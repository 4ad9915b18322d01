/** What happens to a laptop whose lid is closed; see `deno task test:network`. */
import "../fixtures/loaded_msquic.ts";
import assert from "node:assert/strict";
import { delay } from "../../base/mod.ts";
import { MIB } from "../resume/bench.ts";
import { Scene } from "./scene.ts";

Deno.test("put and get go on when they have been stopped for 40 s", async () => {
  await using scene = await Scene.open({ rttMs: 30, rateMbit: 60 });
  const transfers = {
    put: await scene.put("up.bin", 24 * MIB),
    get: await scene.get("down.bin", 24 * MIB),
  };
  await Promise.all(Object.values(transfers).map((transfer) => transfer.begun()));
  for (const { running } of Object.values(transfers)) Deno.kill(running.pid, "SIGSTOP");
  await delay(40_000);
  for (const { running } of Object.values(transfers)) Deno.kill(running.pid, "SIGCONT");
  const awake = performance.now();
  await Promise.all(
    Object.entries(transfers).map(async ([name, transfer]) => {
      const { resumedFrom } = await transfer.done();
      const ms = Math.round(performance.now() - awake);
      console.log(`${name} is done ${ms} ms after it went on, from ${resumedFrom} bytes on`);
      assert.ok(resumedFrom > 0);
    }),
  );
});

for (const seconds of [4, 12]) {
  Deno.test(`put and get go on when the server has been stopped for ${seconds} s`, async () => {
    await using scene = await Scene.open({ rttMs: 30, rateMbit: 60 });
    const transfers = [
      await scene.put("up.bin", 24 * MIB),
      await scene.get("down.bin", 24 * MIB),
    ];
    await Promise.all(transfers.map((transfer) => transfer.begun()));
    // The manager as well, so that it does not replace the worker after 5 s, as it does otherwise.
    const { pid, workers } = scene.manager.report;
    const pids = [pid, ...workers.map((worker) => worker.pid)];
    for (const pid of pids) Deno.kill(pid, "SIGSTOP");
    await delay(seconds * 1000);
    for (const pid of pids) Deno.kill(pid, "SIGCONT");
    for (const transfer of transfers) assert.ok((await transfer.done()).resumedFrom > 0);
  });
}
