import assert from "node:assert/strict";
import { CompressionChoice } from "../../../transfer/compression/compression_choice.ts";
import { ContentWatch, isWorth } from "../../../transfer/compression/content_watch.ts";
import { PathWatch } from "../../../transfer/compression/path_watch.ts";

const MIB = 1024 * 1024;

/** A path, and a compressor, of which the test says how fast they are. */
class Trip {
  nowMs = 0;
  readonly path = new PathWatch(() => this.nowMs);
  readonly choice: CompressionChoice;

  constructor({ always = false, roundTripMs = 0.1 } = {}) {
    const { path } = this;
    this.choice = new CompressionChoice({ always, roundTripMs, path, now: () => this.nowMs });
  }

  /** Sends MiB as they are, each in so many milliseconds. */
  bare(count: number, ms: number): void {
    for (let index = 0; index < count; index++) {
      this.path.sent(MIB);
      this.nowMs += ms;
      this.path.settled(MIB);
      this.choice.arrived();
    }
  }

  /** Compresses MiB, each in so many milliseconds, of which nothing was under way for some. */
  compressed(count: number, ms: number, waitedMs: number): void {
    for (let index = 0; index < count; index++) {
      this.nowMs += ms;
      this.choice.compressed(MIB, waitedMs);
    }
  }
}

Deno.test("A long path is taken for slow, and a short one for fast until it is known not to be", () => {
  assert.equal(new Trip({ roundTripMs: 20 }).choice.level, 3);
  const slow = new Trip();
  assert.equal(slow.choice.level, undefined);
  slow.bare(1, 140); // 60 Mbit/s
  assert.equal(slow.choice.level, 3);
});

Deno.test("On a path that is faster than compressing nothing is compressed, for as long as it is that", () => {
  const trip = new Trip();
  trip.bare(200, 3); // 2.8 Gbit/s
  assert.equal(trip.choice.level, undefined);
  assert.equal(trip.choice.bareBytes, 16 * MIB);
  trip.bare(10, 80); // 100 Mbit/s
  assert.equal(trip.choice.level, 3);
});

Deno.test("A compressor that does not keep up compresses less, then not at all, if the path is faster", () => {
  const trip = new Trip({ roundTripMs: 20 });
  trip.compressed(1, 80, 80); // a thread is started, which says nothing of the rest
  trip.compressed(8, 10, 9);
  assert.equal(trip.choice.level, 1);
  trip.compressed(8, 8, 7);
  assert.equal(trip.choice.level, undefined);
  trip.bare(40, 3);
  assert.equal(trip.choice.level, undefined);
  // Slower than compressing was, it is worth it again, and is not asked about for a while.
  trip.bare(20, 12);
  assert.equal(trip.choice.level, 1);
  trip.compressed(100, 8, 7);
  assert.equal(trip.choice.level, 1);
  trip.compressed(60, 8, 7);
  assert.equal(trip.choice.level, undefined);
});

Deno.test("A compressor that keeps up goes on as it does, and where all is to be compressed always", () => {
  const slow = new Trip({ roundTripMs: 20 });
  slow.compressed(200, 40, 2);
  assert.equal(slow.choice.level, 3);
  const always = new Trip({ always: true });
  assert.equal(always.choice.level, 3);
  always.compressed(500, 8, 8);
  assert.equal(always.choice.level, 1);
});

Deno.test("Only the time in which something was under way tells how fast a path is", () => {
  const trip = new Trip();
  for (let index = 0; index < 40; index++) {
    trip.bare(1, 3);
    trip.nowMs += 50; // nothing to be sent
  }
  assert.equal(trip.choice.level, undefined);
  assert.equal(trip.path.busyMs, 120);
  assert.equal(trip.path.idleSince(trip.nowMs - 20), 20);
  trip.path.sent(5);
  assert.equal(trip.path.idleSince(0), 0);
});

Deno.test("What cannot be compressed is tried less and less, but always again", () => {
  const watch = new ContentWatch();
  assert.equal(watch.doubtful, true);
  const untried: number[] = [];
  for (let index = 0; index < 8; index++) {
    assert.equal(watch.untried(1), 0);
    watch.note(false);
    let count = watch.untried(1);
    count += watch.untried(Infinity);
    untried.push(count);
  }
  assert.deepEqual(untried, [1, 2, 4, 8, 16, 16, 16, 16]);
  watch.note(true);
  assert.equal(watch.doubtful, false);
  assert.equal(watch.untried(1), 0);
  assert.deepEqual([isWorth(95, 100), isWorth(96, 100)], [true, false]);
});
