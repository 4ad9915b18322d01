import assert from "node:assert/strict";
import { limitOf, type TransferFigures } from "../../client/transfer_limit.ts";
import { TransferMeter } from "../../client/transfer_meter.ts";
import { sendFile } from "../../transfer/mod.ts";
import { delay } from "../../base/mod.ts";

const MIB = 1024 * 1024;
const SHORT = { rttMs: 0.3, minRttMs: 0.1 };
const LONG = { rttMs: 80, minRttMs: 75 };

function figures(changes: Partial<TransferFigures>): TransferFigures {
  return {
    ms: 1000,
    bytes: 10 * MIB,
    processorMs: 100,
    times: { diskMs: 10, hashMs: 10, peerMs: 0 },
    blocked: { networkMs: 0, flowControlMs: 0 },
    answerMs: 0,
    rateMs: 0,
    path: SHORT,
    ...changes,
  };
}

Deno.test("limitOf() says what took most of the time", () => {
  const blocked = (networkMs: number, flowControlMs: number) => ({
    blocked: { networkMs, flowControlMs },
  });
  const times = (diskMs: number, hashMs: number, peerMs: number) => ({
    times: { diskMs, hashMs, peerMs },
    blocked: undefined,
  });
  const cases: [string, Partial<TransferFigures>][] = [
    ["network", { ...blocked(800, 100), path: LONG }],
    ["network", { ...blocked(800, 100), processorMs: 990 }],
    ["flow-control", { ...blocked(100, 800), path: LONG, bytes: 50 * MIB }],
    ["peer", { ...blocked(100, 800), path: LONG, bytes: MIB }],
    ["peer", blocked(100, 800)],
    ["peer", { answerMs: 900 }],
    ["rate", { rateMs: 600, ...blocked(300, 0), path: LONG }],
    ["network", { rateMs: 300, ...blocked(600, 0), path: LONG }],
    ["disk", times(700, 100, 100)],
    ["network", { ...times(600, 100, 250), path: LONG }],
    ["processor", times(100, 700, 100)],
    ["processor", { ...times(100, 100, 700), processorMs: 990 }],
    ["peer", times(100, 100, 700)],
    ["network", { ...times(100, 100, 700), path: LONG }],
    ["network", {
      ...times(100, 100, 700),
      path: { rttMs: 90, minRttMs: 2 },
      processorMs: 990,
    }],
    // A small file on a long path: a round trip, and nothing to be measured.
    ["network", { ms: 80, bytes: 5, processorMs: 5, path: LONG }],
  ];
  for (const [index, [expected, changes]] of cases.entries()) {
    assert.equal(limitOf(figures(changes)), expected, `case ${index}`);
  }
});

/** A file that is read slowly. */
function slowFile(ms: number): Deno.FsFile {
  return {
    async read(buffer: Uint8Array) {
      await delay(ms);
      return buffer.length;
    },
  } as unknown as Deno.FsFile;
}

Deno.test("TransferMeter knows a slow disk from a peer that takes its time", async () => {
  const measure = async (file: Deno.FsFile, sendMs: number) => {
    const meter = new TransferMeter({});
    const sink = { send: () => delay(sendMs) };
    await sendFile(sink, file, 3 * MIB, { times: meter.times });
    const { diskMs, hashMs, peerMs } = meter.times;
    assert.ok(diskMs >= 0 && hashMs > 0 && peerMs >= 0);
    return meter;
  };
  const disk = await measure(slowFile(40), 0);
  assert.ok(disk.times.diskMs > 60, JSON.stringify(disk.times));
  assert.equal(disk.result(3 * MIB).limitedBy, "disk");
  const peer = await measure(slowFile(0), 120);
  assert.ok(peer.times.peerMs > 100, JSON.stringify(peer.times));
  assert.equal(peer.result(3 * MIB).limitedBy, "peer");
});
