/** Outages as they happen to people, with the times that they take; see `deno task test:network`. */
import "../fixtures/loaded_msquic.ts";
import assert from "node:assert/strict";
import { delay } from "../../base/mod.ts";
import { MIB } from "../resume/bench.ts";
import { Scene } from "./scene.ts";

/** How soon after an outage a transfer goes on, at the latest, in milliseconds. */
const SOON_MS = 10_000;

for (const seconds of [6, 9, 20, 120]) {
  Deno.test(`put and get outlast an outage of ${seconds} s, and say so`, async () => {
    await using scene = await Scene.open({ rttMs: 30, rateMbit: 60 });
    const transfers = {
      put: await scene.put("up.bin", 24 * MIB),
      get: await scene.get("down.bin", 24 * MIB),
    };
    await Promise.all(Object.values(transfers).map((transfer) => transfer.begun()));
    await scene.network.outage(seconds);
    const over = performance.now() + seconds * 1000;
    await Promise.all(
      Object.entries(transfers).map(async ([name, transfer]) => {
        const ms = Math.round(await transfer.goesOn() - over);
        const { resumedFrom } = await transfer.done();
        const { stderr } = transfer.running;
        console.log(
          `${name} goes on ${ms} ms after an outage of ${seconds} s, at ${resumedFrom} bytes`,
        );
        assert.ok(ms < SOON_MS, `${ms} ms`);
        assert.ok(resumedFrom > 0);
        assert.match(stderr, /^msquicd: Connection to \S+ lost: .*; trying again for 3m 00s$/m);
        assert.match(stderr, /^msquicd: Connected to \S+ after .+; going on$/m);
        assert.equal(stderr.trimEnd().split("\n").length, 2, stderr);
      }),
    );
  });
}

Deno.test("put and get outlast an outage that is over a second after it was noticed", async () => {
  await using scene = await Scene.open({ rttMs: 30, rateMbit: 60 });
  const transfers = [await scene.put("up.bin", 24 * MIB), await scene.get("down.bin", 24 * MIB)];
  await Promise.all(transfers.map((transfer) => transfer.begun()));
  await scene.network.outage(4);
  for (const transfer of transfers) {
    assert.ok((await transfer.done()).resumedFrom > 0);
    // A second without a connection is the first that people hear of.
    const { stderr } = transfer.running;
    assert.match(stderr, /^(.* trying again for 3m 00s\n.*; going on\n)?$/);
  }
});

Deno.test("put and get give up after the time of --retry, say so, and go on when called again", async () => {
  await using scene = await Scene.open({ rttMs: 30, rateMbit: 60 });
  const calls = [
    (...flags: string[]) => scene.put("up.bin", 24 * MIB, ...flags),
    (...flags: string[]) => scene.get("down.bin", 24 * MIB, ...flags),
  ];
  const first = await Promise.all(calls.map((call) => call("--retry", "5s")));
  await Promise.all(first.map((transfer) => transfer.begun()));
  await scene.network.outage(25);
  await Promise.all(first.map(async ({ running }) => {
    const { code, stdout, stderr } = await running.finished;
    const { error } = JSON.parse(stdout);
    console.log(`${stderr}${error.message}`);
    assert.equal(code, 5);
    assert.equal(error.code, "connect-failed");
    assert.match(error.message, /lost, and after \d\.\d s of trying no server answers/);
    assert.match(error.message, /--retry TIME/);
    assert.match(stderr, /the same command goes on from there/);
  }));
  await scene.network.outage(0);
  for (const { again } of first) assert.ok((await again().done()).resumedFrom > 0);
});

Deno.test("put waits for a server that is not there yet with --retry, and only then", async () => {
  await using scene = await Scene.open({ rttMs: 2 });
  await scene.network.outage(600);
  const impatient = await scene.put("a.bin", 1000);
  const patient = await scene.put("b.bin", 1000, "--retry", "2m");
  const start = performance.now();
  const { code } = await impatient.running.finished;
  assert.equal(code, 5);
  await delay(20_000 - (performance.now() - start));
  await scene.network.outage(0);
  await patient.done();
  console.log(patient.running.stderr.trimEnd());
});
