import assert from "node:assert/strict";
import fc from "fast-check";
import { ReceiveQueue } from "../../../ffi/msquic/receive_queue.ts";

/** What MsQuic does: hands out a piece to keep, pieces to lend, or the end. */
const deliveries = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant("owned" as const),
      sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 1 }),
    }),
    fc.record({
      kind: fc.constant("lent" as const),
      sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
    }),
  ),
  { maxLength: 20 },
);

Deno.test("ReceiveQueue yields every byte once and in order, and returns what was lent", async () => {
  await fc.assert(fc.asyncProperty(deliveries, fc.array(fc.boolean()), async (plan, releases) => {
    const returned: number[] = [];
    let allReturned = () => {};
    const queue = new ReceiveQueue((bytes) => {
      returned.push(bytes);
      allReturned();
    });
    let next = 0;
    const piece = (size: number) => Uint8Array.from({ length: size }, () => next++ & 0xFF);
    const producing = (async () => {
      for (const { kind, sizes } of plan) {
        if (kind === "owned") {
          queue.pushOwned(piece(sizes[0]!));
          continue;
        }
        // MsQuic holds back until everything lent has been returned.
        const waiting = new Promise<void>((resolve) => allReturned = resolve);
        queue.pushLent(sizes.map(piece));
        await waiting;
      }
      queue.end("fin");
    })();
    const seen: number[] = [];
    let round = 0;
    for (let chunk = await queue.read(); chunk !== null; chunk = await queue.read()) {
      seen.push(...chunk);
      if (releases[round++ % Math.max(releases.length, 1)]) queue.release();
    }
    await producing;
    assert.deepEqual(seen, Array.from({ length: next }, (_, i) => i & 0xFF));
    const lent = plan.filter(({ kind }) => kind === "lent");
    assert.deepEqual(returned, lent.map(({ sizes }) => sizes.reduce((a, b) => a + b)));
    assert.ok(queue.drained);
  }));
});

Deno.test("ReceiveQueue.detach() keeps what was not read yet readable, and then the error", async () => {
  const queue = new ReceiveQueue(() => {});
  const memory = Uint8Array.of(1, 2, 3);
  queue.pushLent([memory.subarray(0, 1), memory.subarray(1)]);
  assert.deepEqual(await queue.read(), Uint8Array.of(1));
  assert.ok(queue.borrowed);
  queue.detach();
  const reason = new Error("gone");
  queue.end(reason);
  queue.release();
  memory.fill(0);
  assert.deepEqual(await queue.read(), Uint8Array.of(2, 3));
  await assert.rejects(queue.read(), reason);
});

Deno.test("ReceiveQueue.read() refuses a second reader at once", async () => {
  const queue = new ReceiveQueue(() => {});
  const first = queue.read();
  await assert.rejects(queue.read(), TypeError);
  queue.end("fin");
  assert.equal(await first, null);
});
