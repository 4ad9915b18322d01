import assert from "node:assert/strict";
import { join } from "node:path";
import { delay, MemoryBudget } from "../../../base/mod.ts";
import { type ByteSink, SendBudget, sendFile, type SendTurn } from "../../../transfer/mod.ts";
import { LEAST_BYTES } from "../../../transfer/download/send_budget.ts";
import { within } from "../../ffi/within.ts";
import { MemorySink, pattern, withTrailer } from "../memory_streams.ts";
import { temporaryDirectory } from "../temporary.ts";

const MIB = 1024 * 1024;
const PLENTY = { perClient: Infinity };

function never(): AbortSignal {
  return new AbortController().signal;
}

function enter(budget: SendBudget): SendTurn {
  const turn = budget.enter({}, never);
  if (turn instanceof Promise) assert.fail("It has to wait");
  return turn;
}

Deno.test("SendBudget lends no more than there is, and to each no more than is left for others", () => {
  const memory = new MemoryBudget(16 * MIB);
  const budget = new SendBudget({ memory, ...PLENTY, turns: 10, stallMs: 1000 });
  const one = enter(budget);
  for (let count = 0; count < 4; count++) assert.ok(one.lend(MIB));
  assert.ok(!one.lend(MIB), "it has half of what is lent");
  assert.ok(!one.crowded);
  using two = enter(budget);
  for (let count = 0; count < 2; count++) assert.ok(two.lend(MIB));
  assert.ok(!two.lend(MIB));
  assert.ok(one.crowded);
  for (; one.crowded;) one.giveBack(MIB);
  assert.equal(budget.lent, 5 * MIB);
  assert.equal(memory.used, budget.lent + 2 * LEAST_BYTES);
  one[Symbol.dispose]();
  one[Symbol.dispose]();
  assert.equal(budget.lent, 2 * MIB);
  assert.equal(memory.used, budget.lent + LEAST_BYTES);
  assert.ok(two.lend(MIB));
});

Deno.test("SendBudget lends one client so much in all, however many downloads it has", () => {
  const memory = new MemoryBudget(256 * MIB);
  const budget = new SendBudget({ memory, perClient: 4 * MIB, turns: 10, stallMs: 1000 });
  const client = {};
  const turns = Array.from({ length: 3 }, () => budget.enter(client, never) as SendTurn);
  const lent = () => turns.filter((turn) => turn.lend(2 * MIB)).length;
  assert.equal(lent(), 2);
  assert.equal(lent(), 0);
  const other = enter(budget);
  assert.ok(other.lend(2 * MIB), "another client is not concerned");
  turns[0]?.[Symbol.dispose]();
  assert.equal(budget.lent, 4 * MIB);
  assert.equal(turns[2]?.lend(2 * MIB), true);
  for (const turn of [...turns, other]) turn[Symbol.dispose]();
  assert.equal(budget.lent, 0);
  assert.equal(memory.used, 0);
});

Deno.test("SendBudget lends nothing that something else has, and lets everybody send", () => {
  const memory = new MemoryBudget(8 * MIB);
  memory.claim(8 * MIB);
  const budget = new SendBudget({ memory, ...PLENTY, turns: 10, stallMs: 1000 });
  using turn = enter(budget);
  assert.ok(!turn.lend(MIB));
  memory.release(8 * MIB);
  assert.ok(turn.lend(MIB));
});

Deno.test("SendBudget gives turns first come, first served, and forgets who gives up", async () => {
  const budget = new SendBudget({
    memory: new MemoryBudget(MIB),
    ...PLENTY,
    turns: 2,
    stallMs: 60_000,
  });
  const [first, second] = [enter(budget), enter(budget)];
  const order: string[] = [];
  const wait = async (name: string, signal: AbortSignal) => {
    const turn = await budget.enter({}, () => signal);
    order.push(name);
    return turn;
  };
  const leaving = new AbortController();
  const [third, gone, fourth] = [wait("3", never()), wait("x", leaving.signal), wait("4", never())];
  assert.equal(budget.waiting, 3);
  leaving.abort(new Error("Gone"));
  await assert.rejects(gone, { message: "Gone" });
  second[Symbol.dispose]();
  const turn = await third;
  assert.deepEqual([order, budget.sending, budget.waiting], [["3"], 2, 1]);
  first[Symbol.dispose]();
  turn[Symbol.dispose]();
  (await fourth)[Symbol.dispose]();
  assert.deepEqual([order, budget.sending, budget.waiting], [["3", "4"], 0, 0]);
});

Deno.test("SendBudget ends those whose peers take nothing while others wait, and nobody else", async () => {
  const budget = new SendBudget({
    memory: new MemoryBudget(MIB),
    ...PLENTY,
    turns: 2,
    stallMs: 100,
  });
  const [stalled, lively] = [enter(budget), enter(budget)];
  let ended = 0;
  stalled.onStalled = () => {
    ended++;
    stalled[Symbol.dispose]();
  };
  lively.onStalled = () => assert.fail("It takes what it is sent");
  const alive = setInterval(() => lively.noteProgress(), 10);
  await delay(300);
  assert.equal(ended, 0, "nobody waits");
  const turn = await within(30_000, "a turn", Promise.resolve(budget.enter({}, never)));
  assert.equal(ended, 1);
  clearInterval(alive);
  turn[Symbol.dispose]();
  lively[Symbol.dispose]();
});

// I4
Deno.test("sendFile() to many that read nothing stays within the budget, and serves who reads", async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "file");
  const data = pattern(3 * MIB + 12_345);
  await Deno.writeFile(path, data);
  const memory = new MemoryBudget(16 * MIB);
  const budget = new SendBudget({ memory, ...PLENTY, turns: 1000, stallMs: 60_000 });
  async function send(sink: ByteSink): Promise<void> {
    using lender = enter(budget);
    using file = await Deno.open(path);
    await sendFile(sink, file, data.length, { lender });
  }
  let held = 0;
  const stuck = Promise.withResolvers<void>();
  const deaf: ByteSink = {
    send(bytes) {
      held += bytes.buffer.byteLength;
      return stuck.promise;
    },
  };
  const deafs = Array.from({ length: 100 }, () => send(deaf));
  const sinks = [new MemorySink(), new MemorySink()];
  await Promise.all(sinks.map(send));
  for (const sink of sinks) assert.deepEqual(sink.bytes, withTrailer(data));
  assert.equal(budget.sending, deafs.length);
  assert.ok(budget.lent > 4 * MIB && memory.used <= 16 * MIB, `${budget.lent} of ${memory.used}`);
  assert.ok(held <= memory.used, `${held}`);
  stuck.reject(new Error("Gone"));
  for (const result of await Promise.allSettled(deafs)) assert.equal(result.status, "rejected");
  assert.deepEqual([budget.lent, budget.sending, memory.used], [0, 0, 0]);
});

Deno.test("sendFile() alone has all the memory that it ever had", async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "file");
  const data = pattern(12 * MIB);
  await Deno.writeFile(path, data);
  const budget = new SendBudget({
    memory: new MemoryBudget(128 * MIB),
    ...PLENTY,
    turns: 10,
    stallMs: 60_000,
  });
  using file = await Deno.open(path);
  const sink = new MemorySink();
  using lender = enter(budget);
  await sendFile(sink, file, data.length, { lender });
  assert.deepEqual(sink.bytes, withTrailer(data));
  const lengths = sink.sent.map(({ data }) => Math.floor(data.length / MIB));
  assert.deepEqual(lengths, Array.from({ length: 12 }, () => 1));
  assert.equal(budget.lent, 4 * (MIB + 32));
});
