import assert from "node:assert/strict";
import { delay } from "../../../base/mod.ts";
import type { ManagerMessage, WorkerMessage } from "../../../ipc/mod.ts";
import { encodeMessage, managerMessage, workerMessage } from "../../../ipc/messages.ts";
import { EventExchange } from "../../../manager/supervision/event_exchange.ts";
import { EventHub } from "../../../worker/events/event_hub.ts";
import { EventRelay } from "../../../worker/events/event_relay.ts";
import { waitFor } from "../../e2e/harness.ts";

const FOR_EVER = new AbortController().signal;

/** As they arrive on the other side. */
const atManager = (message: WorkerMessage) => workerMessage(parsed(message));
const atWorker = (message: ManagerMessage) => managerMessage(parsed(message));

function parsed(message: ManagerMessage | WorkerMessage): unknown {
  return JSON.parse(new TextDecoder().decode(encodeMessage(message)));
}

/** A worker with its events, as a manager has it. */
class Worker implements Disposable {
  readonly hub = new EventHub();
  readonly relay: EventRelay;
  readonly #place;
  /** What it has told its manager. */
  readonly said: WorkerMessage[] = [];
  /** While it is unsettled, the ring to the worker is full. */
  room: Promise<void> = Promise.resolve();

  constructor(exchange: EventExchange, ask = false) {
    this.relay = new EventRelay((message) => {
      this.said.push(message);
      const heard = atManager(message);
      if (heard.type === "events" || heard.type === "event-interest") this.#place.hear(heard);
      return Promise.resolve();
    });
    if (ask) this.relay.connect(this.hub);
    this.#place = exchange.join(async (message) => {
      await this.room;
      const heard = atWorker(message);
      if (heard.type === "events" || heard.type === "event-interest") this.relay.hear(heard);
    }, { ask });
    if (!ask) this.relay.connect(this.hub);
  }

  [Symbol.dispose](): void {
    this.#place[Symbol.dispose]();
    this.relay[Symbol.dispose]();
  }
}

/** Has the messages under way arrive. */
const settle = () => delay(30);

Deno.test("What happens at one worker is told where it is wanted, and goes nowhere else", async () => {
  const exchange = new EventExchange();
  using one = new Worker(exchange);
  using two = new Worker(exchange);
  using three = new Worker(exchange);
  const stop = new AbortController();
  const events = two.hub.subscribe(["chat.*"], stop.signal);
  const here = two.hub.subscribe(["chat.*"], FOR_EVER, { here: true });
  const own = one.hub.subscribe(["chat.*"], FOR_EVER, { here: true });
  await settle();
  const body = { text: "hi", bytes: new Uint8Array([1, 255]), list: [1, null, { a: true }] };
  one.hub.publish("chat.a", () => body);
  let asked = 0;
  one.hub.publish("other.a", () => ({ n: ++asked }));
  assert.deepEqual((await events.next()).value?.body, body);
  assert.deepEqual((await own.next()).value?.body, body);
  assert.equal(asked, 0);
  two.hub.publish("chat.b", () => ({ from: 2 }));
  assert.deepEqual((await events.next()).value?.body, { from: 2 });
  assert.deepEqual((await here.next()).value?.body, { from: 2 });
  await settle();
  assert.ok(three.said.every(({ type }) => type === "event-interest"));
  assert.ok(two.said.every(({ type }) => type === "event-interest"), "nobody else wants it");

  stop.abort();
  await settle();
  const before = one.said.length;
  one.hub.publish("chat.a", () => body);
  await settle();
  assert.equal(one.said.length, before, "nobody wants it any more");
});

Deno.test("Events between workers keep their order, and what is too much is counted", async () => {
  const exchange = new EventExchange();
  using one = new Worker(exchange);
  using two = new Worker(exchange);
  const all = two.hub.subscribe(["a.*"], FOR_EVER);
  const others = two.hub.subscribe(["b"], FOR_EVER);
  await settle();
  const { promise, resolve } = Promise.withResolvers<void>();
  two.room = promise;
  const count = 2000;
  for (let n = 0; n < count; n++) {
    one.hub.publish("a.x", () => ({ n }));
    if (n % 50 === 0) await delay(0);
  }
  await settle();
  resolve();
  await settle();
  one.hub.publish("b", () => ({}));
  // It is behind all of the others on the same way.
  const { value: last } = await others.next();
  assert.equal(last?.lost, undefined, "it has wanted nothing of what is lost");
  let [seen, lost, next] = [0, 0, 0];
  while (seen + lost < count) {
    const { value } = await all.next();
    const n = Number(value?.body.n);
    lost += value?.lost ?? 0;
    seen++;
    assert.ok(n >= next, `${n} comes behind ${next}`);
    next = n + 1;
  }
  assert.deepEqual([seen + lost, next], [count, count]);
  assert.ok(lost > 0);
});

Deno.test("A manager that takes over learns what is wanted, and a worker that has gone wants nothing", async () => {
  const first = new EventExchange();
  const old = new Worker(first);
  const { hub } = old;
  const events = hub.subscribe(["x"], FOR_EVER);
  await settle();
  old[Symbol.dispose]();

  const exchange = new EventExchange();
  using adopted = new Worker(exchange, true);
  const heard = adopted.hub.subscribe(["x", "y.*"], FOR_EVER);
  using other = new Worker(exchange);
  await waitFor("it is told where it is wanted", async () => {
    other.hub.publish("y.z", () => ({}));
    await settle();
    return adopted.hub.subscribers === 1 && other.said.some(({ type }) => type === "events");
  });
  assert.equal((await heard.next()).value?.topic, "y.z");
  adopted[Symbol.dispose]();
  await settle();
  const before = other.said.length;
  other.hub.publish("y.z", () => ({}));
  await settle();
  assert.equal(other.said.length, before);
  await events.return?.();
});

Deno.test("More topics than may be named are all topics", async () => {
  const exchange = new EventExchange();
  using one = new Worker(exchange);
  using two = new Worker(exchange);
  for (let at = 0; at < 400; at += 100) {
    const topics = Array.from({ length: 100 }, (_, n) => `topic.${at + n}`);
    two.hub.subscribe(topics, FOR_EVER);
  }
  const last = two.hub.subscribe(["last"], FOR_EVER);
  await settle();
  assert.deepEqual(two.said.at(-1), { type: "event-interest", topics: ["*"] });
  one.hub.publish("last", () => ({ n: 1 }));
  assert.deepEqual((await last.next()).value?.body, { n: 1 });
});
