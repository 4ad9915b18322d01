import assert from "node:assert/strict";
import { delay } from "../../../../base/mod.ts";
import { Damper } from "../../../../ffi/msquic/events/damper.ts";
import { EventLoop } from "../../../../ffi/msquic/events/event_loop.ts";
import { type EventQueue, NO_TIMEOUT } from "../../../../ffi/msquic/events/event_queue.ts";
import { openEventQueue } from "../../../../ffi/msquic/events/open_event_queue.ts";
import { within } from "../../within.ts";
import "../../../fixtures/loaded_libc.ts";

/** A queue of which a test says when its wait ends, however often it is woken. */
class FakeQueue implements EventQueue {
  readonly address = 0n;
  waits = 0;
  mostWaits = 0;
  drainedWhileWaiting = 0;
  wakes = 0;
  #waiting: PromiseWithResolvers<number>[] = [];

  drain(): number {
    if (this.waits > 0) this.drainedWhileWaiting++;
    return 0;
  }

  async wait(): Promise<number> {
    this.mostWaits = Math.max(this.mostWaits, ++this.waits);
    const waiting = Promise.withResolvers<number>();
    this.#waiting.push(waiting);
    try {
      return await waiting.promise;
    } finally {
      this.waits--;
    }
  }

  wake(): void {
    this.wakes++;
  }

  /** The system lets the wait return. */
  endWait(): void {
    this.#waiting.shift()?.resolve(0);
  }

  [Symbol.dispose](): void {}
}

const damper = () => new Damper(() => ({ datagrams: 0, bytes: 0 }));

/** Goes on when the loop waits. */
async function parked(queue: FakeQueue): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (queue.waits === 0) {
    assert.ok(performance.now() < deadline, "the loop does not park");
    await delay(1);
  }
}

Deno.test("EventLoop.start() while a stop waits lets the parked run end first", async () => {
  const queue = new FakeQueue();
  const loop = new EventLoop(queue, () => NO_TIMEOUT, damper());
  loop.start();
  await parked(queue);
  const stopping = loop.stop();
  const { turns } = loop;
  loop.start();
  await delay(20);
  assert.equal(loop.turns, turns, "a second run turns beside the parked one");
  queue.endWait();
  await within(30_000, "stop()", stopping);
  await parked(queue);
  assert.ok(loop.turns > turns, "the second run does not turn");
  assert.deepEqual([queue.mostWaits, queue.drainedWhileWaiting], [1, 0]);
  const second = loop.stop();
  queue.endWait();
  await within(30_000, "the second stop()", second);
  assert.equal(queue.waits, 0);
});

Deno.test("EventLoop.start() and stop() in turn while it is parked leave what was asked for last", async () => {
  for (const [last, waits] of [["stop", 0], ["start", 1]] as const) {
    const queue = new FakeQueue();
    const loop = new EventLoop(queue, () => NO_TIMEOUT, damper());
    loop.start();
    await parked(queue);
    const stops = [loop.stop()];
    for (let i = 0; i < 3; i++) {
      loop.start();
      stops.push(loop.stop());
    }
    if (last === "start") loop.start();
    queue.endWait();
    await within(30_000, "all stops", Promise.all(stops));
    if (last === "start") await parked(queue);
    assert.deepEqual([queue.waits, queue.mostWaits], [waits, 1], last);
    const end = loop.stop();
    queue.endWait();
    await within(30_000, "the end", end);
  }
});

Deno.test("EventLoop.stop() twice waits twice for the same end", async () => {
  const queue = new FakeQueue();
  const loop = new EventLoop(queue, () => NO_TIMEOUT, damper());
  await loop.stop();
  loop.start();
  loop.start();
  await parked(queue);
  const ends: number[] = [];
  const stops = [1, 2].map((number) => loop.stop().then(() => ends.push(number)));
  await delay(5);
  assert.deepEqual(ends, [], "a stop does not wait for the parked run");
  queue.endWait();
  await within(30_000, "both stops", Promise.all(stops));
  assert.equal(queue.mostWaits, 1);
  await loop.stop();
});

Deno.test("EventLoop that failed tells who stops it, and can be started again", async () => {
  const queue = new FakeQueue();
  let fails = true;
  const loop = new EventLoop(queue, () => {
    if (fails) throw new Error("poll failed");
    return NO_TIMEOUT;
  }, damper());
  loop.start();
  await assert.rejects(loop.stop(), /poll failed/);
  fails = false;
  loop.start();
  await parked(queue);
  const stopping = loop.stop();
  queue.endWait();
  await within(30_000, "stop()", stopping);
});

Deno.test("EventLoop starts and stops over a real queue, however parked it is", async () => {
  using queue = openEventQueue();
  const loop = new EventLoop(queue, () => NO_TIMEOUT, damper());
  for (let round = 0; round < 50; round++) {
    loop.start();
    if (round % 3 > 0) await delay(round % 3);
    const stopping = loop.stop();
    if (round % 2 === 0) loop.start();
    await within(30_000, "stop()", stopping);
  }
  await within(30_000, "the last stop()", loop.stop());
});

Deno.test("EventLoop polls once more instead of parking when something was called before it parks", async () => {
  const queue = new FakeQueue();
  const seen: string[] = [];
  const loop = new EventLoop(
    queue,
    () => {
      seen.push("poll");
      return NO_TIMEOUT;
    },
    damper(),
    (quiet) => {
      if (quiet) seen.push("parks");
      return seen.filter((what) => what === "parks").length === 1 && quiet;
    },
  );
  loop.start();
  await parked(queue);
  // Two turns that find nothing to do are what quiet is.
  assert.deepEqual(seen, ["poll", "poll", "parks", "poll", "poll", "parks"]);
  const stopping = loop.stop();
  queue.endWait();
  await within(30_000, "stop()", stopping);
});
