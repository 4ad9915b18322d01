import assert from "node:assert/strict";
import type { PulseEnd } from "../../../worker/life/pulse.ts";
import { startPulse } from "../../../worker/life/pulse.ts";
import { CounterBlock } from "../../../ipc/mod.ts";
import { within } from "../../ffi/within.ts";

/** A manager that has been silent for a time. */
class FakeEnd implements PulseEnd {
  readonly counters = new CounterBlock(new ArrayBuffer(1024), 0);
  readonly manager = { pid: 1234, startTime: 5n };
  beats = 0;
  turns = 0;

  constructor(readonly managerHeartbeatAgeMs: number) {}

  beat(): void {
    this.beats++;
  }

  times: ArrayLike<number> = [];
  showTurnTimes(counts: ArrayLike<number>): void {
    this.times = counts;
  }
  pollBeat(turns: number): void {
    this.turns = turns;
  }
}

function isDead(): boolean {
  return false;
}

Deno.test("startPulse beats, passes the turns on, and measures", () => {
  const end = new FakeEnd(0);
  using _pulse = startPulse(end, {
    turns: () => 7,
    turnTimes: () => [1, 2],
    nudge: assert.fail,
    onManagerLost: assert.fail,
    isAlive: isDead,
  });
  assert.deepEqual([end.beats, end.turns, end.times], [1, 7, [1, 2]]);
  const counters = end.counters.snapshot();
  assert.ok(counters && counters.rssBytes > 1_000_000 && counters.cpuMicros > 1000);
});

Deno.test("startPulse goes on beating until it is disposed of", async () => {
  const end = new FakeEnd(0);
  const beaten = Promise.withResolvers<void>();
  const turns = () => {
    if (end.beats === 3) beaten.resolve();
    return end.beats;
  };
  {
    using _pulse = startPulse(end, {
      turns,
      turnTimes: () => undefined,
      nudge: assert.fail,
      onManagerLost: assert.fail,
    });
    await within(30_000, "three beats", beaten.promise);
  }
});

Deno.test("startPulse nudges a network loop that has not turned since the last beat", async () => {
  const end = new FakeEnd(0);
  const nudged = Promise.withResolvers<number>();
  using _pulse = startPulse(end, {
    turns: () => 7,
    turnTimes: () => [1, 2],
    nudge: () => nudged.resolve(end.beats),
    onManagerLost: assert.fail,
  });
  assert.equal(await within(30_000, "a nudge", nudged.promise), 2);
});

Deno.test("startPulse takes the manager for lost when it is silent and not alive", () => {
  const cases: [number, boolean, number][] = [[5000, false, 1], [5000, true, 0], [999, false, 0]];
  for (const [ageMs, alive, expected] of cases) {
    let lost = 0;
    const asked: number[] = [];
    using _pulse = startPulse(new FakeEnd(ageMs), {
      turns: () => 0,
      turnTimes: () => undefined,
      nudge: assert.fail,
      onManagerLost: () => lost++,
      isAlive: ({ pid }) => asked.push(pid) > 0 && alive,
    });
    assert.equal(lost, expected, `${ageMs} ${alive}`);
    assert.deepEqual(asked, ageMs > 1000 ? [1234] : []);
  }
});
