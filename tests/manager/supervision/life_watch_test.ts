import assert from "node:assert/strict";
import { LifeWatch, type SignsOfLife } from "../../../manager/supervision/life_watch.ts";
import { RestartWindow } from "../../../manager/supervision/restart_window.ts";

const DEADLINES = { startMs: 2000, readyMs: 3000, stallMs: 5000 };
const LIVE: SignsOfLife = { opened: true, ready: true, loopAgeMs: 0, pollAgeMs: 0 };

/** Looks every 250 ms from one time up to another, and returns what was seen first, and when. */
function look(
  watch: LifeWatch,
  fromMs: number,
  toMs: number,
  signs: (nowMs: number) => SignsOfLife,
): [atMs: number, code: string, message: string] | undefined {
  for (let now = fromMs; now <= toMs; now += 250) {
    const failure = watch.look(now, signs(now));
    if (failure) return [now, failure.code, failure.message];
  }
}

Deno.test("LifeWatch.look() has a deadline of its own for each part of the way up", () => {
  const starting = new LifeWatch(DEADLINES, 0);
  assert.deepEqual(look(starting, 250, 10_000, () => ({ ...LIVE, opened: false, ready: false })), [
    2000,
    "start-timeout",
    "Not started within 2 s; killed",
  ]);
  const opening = new LifeWatch(DEADLINES, 0);
  const opened = (now: number) => ({ ...LIVE, opened: now >= 1500, ready: false });
  assert.deepEqual(look(opening, 250, 10_000, opened), [
    4500,
    "ready-timeout",
    "Not ready within 3 s; killed",
  ]);
});

Deno.test("LifeWatch.look() tells which loop has stalled, and for how long", () => {
  const loop = new LifeWatch(DEADLINES, 0);
  assert.deepEqual(look(loop, 250, 10_000, (now) => ({ ...LIVE, loopAgeMs: now - 250 })), [
    5250,
    "worker-stalled",
    "Event loop stalled for 5 s; killed",
  ]);
  const poll = new LifeWatch(DEADLINES, 0);
  assert.deepEqual(look(poll, 250, 10_000, (now) => ({ ...LIVE, pollAgeMs: now - 250 })), [
    5250,
    "worker-stalled",
    "Network loop stalled for 5 s; killed",
  ]);
});

Deno.test("LifeWatch.look() does not blame the network where no JavaScript runs", () => {
  const watch = new LifeWatch(DEADLINES, 0);
  const silent = (now: number) => ({ ...LIVE, loopAgeMs: now - 500, pollAgeMs: now - 250 });
  assert.equal(look(watch, 500, 10_000, silent)?.[2], "Event loop stalled for 5 s; killed");
});

Deno.test("LifeWatch.look() does not count what was silent before it was ready", () => {
  const watch = new LifeWatch({ ...DEADLINES, readyMs: 60_000 }, 0);
  const silent = (now: number) => ({ ...LIVE, ready: now >= 8000, pollAgeMs: now });
  assert.equal(look(watch, 250, 12_750, silent), undefined);
  assert.equal(look(watch, 13_000, 20_000, silent)?.[0], 13_000);
});

Deno.test("LifeWatch.look() holds no time against a worker in which it did not look", () => {
  const watch = new LifeWatch(DEADLINES, 0);
  assert.equal(watch.look(250, LIVE), undefined);
  // Stopped for an hour together with the worker, whose beat is as old then.
  const silent = (now: number) => ({ ...LIVE, loopAgeMs: now - 250, pollAgeMs: now - 250 });
  const hour = 3_600_000;
  assert.equal(watch.look(hour, silent(hour)), undefined);
  assert.equal(look(watch, hour + 250, hour + 4250, silent), undefined);
  assert.equal(look(watch, hour + 4500, hour + 9000, silent)?.[0], hour + 4500);
  const starting = new LifeWatch(DEADLINES, 0);
  assert.equal(starting.look(hour, { ...LIVE, opened: false, ready: false }), undefined);
});

Deno.test("RestartWindow.admit() allows so many restarts within so much time, and no more", () => {
  const window = new RestartWindow({ intensity: 2, periodMs: 1000 });
  assert.deepEqual([0, 500, 999, 1000, 1001, 1500].map((now) => window.admit(now)), [
    true,
    true,
    false,
    true,
    false,
    true,
  ]);
  assert.equal(new RestartWindow({ intensity: 0, periodMs: 1000 }).admit(0), false);
});
