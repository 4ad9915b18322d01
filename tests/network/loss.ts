/** Paths that lose a lot, and clients that move; see `deno task test:network`. */
import "../fixtures/loaded_msquic.ts";
import assert from "node:assert/strict";
import { delay } from "../../base/mod.ts";
import { MIB } from "../resume/bench.ts";
import { Scene } from "./scene.ts";

for (const rttMs of [20, 100, 600]) {
  Deno.test(`put and get arrive whole over ${rttMs} ms with 10 % loss`, async () => {
    await using scene = await Scene.open({ rttMs, rateMbit: 100, loss: 10 });
    const size = rttMs < 600 ? 24 * MIB : 4 * MIB;
    for (const move of ["put", "get"] as const) {
      const transfer = await scene[move](`${move}.bin`, size);
      const { ms, resumedFrom } = await transfer.done();
      const rate = (size - resumedFrom) * 8 / ms / 1000;
      console.log(`${move}: ${ms} ms, ${rate.toFixed(1)} Mbit/s; ${transfer.running.stderr}`);
    }
  });
}

Deno.test("put and get outlast an outage of 9 s over 600 ms with 10 % loss", async () => {
  await using scene = await Scene.open({ rttMs: 600, rateMbit: 20, loss: 10 });
  for (const move of ["put", "get"] as const) {
    const transfer = await scene[move](`${move}.bin`, 8 * MIB);
    await transfer.begun();
    await scene.network.outage(9);
    const over = performance.now() + 9000;
    const ms = Math.round(await transfer.goesOn() - over);
    const { resumedFrom } = await transfer.done();
    console.log(`${move} goes on ${ms} ms after the outage, at ${resumedFrom} bytes`);
  }
});

Deno.test("put and get keep their session while a NAT gives them another address every second", async () => {
  await using scene = await Scene.open({ rttMs: 30, rateMbit: 60 });
  for (const move of ["put", "get"] as const) {
    const transfer = await scene[move](`${move}.bin`, 32 * MIB);
    await transfer.begun();
    let over = false;
    void transfer.running.finished.then(() => over = true);
    let rebinds = 0;
    for (; !over; rebinds++) {
      await scene.network.rebind();
      await delay(1000);
    }
    const { ms, resumedFrom } = await transfer.done();
    console.log(`${move}: ${ms} ms, ${rebinds} times another address`);
    assert.deepEqual([resumedFrom, transfer.running.stderr], [0, ""]);
  }
});
