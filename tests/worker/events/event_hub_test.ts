import assert from "node:assert/strict";
import { EventHub } from "../../../worker/events/event_hub.ts";
import { MAX_WAITING } from "../../../worker/events/event_queue.ts";

function open(topics: string[]) {
  const hub = new EventHub();
  const stop = new AbortController();
  return { hub, stop, events: hub.subscribe(topics, stop.signal) };
}

Deno.test("EventHub tells what is wanted, to who subscribed before, and asks nobody else for it", async () => {
  const { hub, events } = open(["a.b", "c.*"]);
  let asked = 0;
  for (const topic of ["a.b", "a.bc", "a", "c", "c.d", "c.d.e", "cc.d"]) {
    hub.publish(topic, () => ({ n: ++asked }));
  }
  hub.close();
  const told = await Array.fromAsync(events);
  assert.deepEqual(told.map(({ topic, body }) => [topic, body]), [
    ["a.b", { n: 1 }],
    ["c.d", { n: 2 }],
    ["c.d.e", { n: 3 }],
  ]);
  assert.equal(hub.subscribers, 0);
  assert.deepEqual(await Array.fromAsync(hub.subscribe(["*"], AbortSignal.any([]))), []);
});

Deno.test("EventHub keeps a bounded number for who is slow, and counts what is lost", async () => {
  const { hub, events } = open(["*"]);
  const fast = hub.subscribe(["*"], AbortSignal.any([]));
  for (let n = 0; n < MAX_WAITING + 10; n++) {
    hub.publish("x", () => ({ n }));
    const { value } = await fast.next();
    assert.deepEqual([value?.body, value?.lost], [{ n }, undefined]);
  }
  const first = (await events.next()).value;
  assert.deepEqual([first?.body, first?.lost], [{ n: 10 }, 10]);
  const second = (await events.next()).value;
  assert.deepEqual([second?.body, second?.lost], [{ n: 11 }, undefined]);
});

Deno.test("A subscription ends with its signal, and when it is given up, while it waits", async () => {
  const { hub, stop, events } = open(["*"]);
  const waiting = events.next();
  stop.abort();
  assert.deepEqual(await waiting, { done: true, value: undefined });
  const other = hub.subscribe(["*"], AbortSignal.any([]));
  const last = other.next();
  await other.return?.();
  assert.equal((await last).done, true);
  assert.equal(hub.subscribers, 0);
});
