import assert from "node:assert/strict";
import fc from "fast-check";
import { delay } from "../../base/mod.ts";
import { SharedMemory } from "../../ffi/mod.ts";
import { ManagerEnd, SegmentCorruptError, WorkerEnd } from "../../ipc/mod.ts";
import { within } from "../ffi/within.ts";
import "../fixtures/loaded_libc.ts";

/** Mostly where it hurts: the header and the rings' own words. */
const places = fc.oneof(fc.nat({ max: 16_000 }), fc.nat());
const pokes = fc.array(
  fc.record({ at: places, word: fc.oneof(fc.integer(), fc.nat({ max: 64 })) }),
  {
    minLength: 1,
    maxLength: 12,
  },
);

Deno.test("a manager survives a worker that scribbles over the segment during traffic", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(pokes, { minLength: 1, maxLength: 6 }), async (bursts) => {
      await using manager = ManagerEnd.create({ instance: "test", port: 1, generation: 1 });
      await using worker = WorkerEnd.open(manager.name);
      using memory = SharedMemory.open(manager.name);
      const words = new Int32Array(memory.buffer);
      worker.serve({ ping: () => ({ time: 1 }) });
      manager.serve({ ping: () => ({ time: 2 }) });
      const silence = new AbortController();
      const outcomes: Promise<unknown>[] = [listen(manager, silence.signal)];
      for (const burst of bursts) {
        for (let i = 0; i < 5; i++) {
          outcomes.push(manager.request("ping", {}, { deadlineMs: 40 }).catch(checkExpected));
          void worker.request("ping", {}, { deadlineMs: 40 }).catch(() => {});
          void worker.send({ type: "stopped" }).catch(() => {});
          void manager.counters;
        }
        for (const { at, word } of burst) words[at % words.length] = word;
        await delay(0);
      }
      const [listening, ...asked] = outcomes;
      await within(30_000, "the requests", Promise.all(asked));
      silence.abort();
      await within(30_000, "the messages", Promise.resolve(listening));
      manager.beat();
    }),
    { numRuns: 60 },
  );
});

async function listen(manager: ManagerEnd, signal: AbortSignal): Promise<void> {
  try {
    for await (const message of manager.messages(signal)) assert.equal(message.type, "stopped");
  } catch (error) {
    checkExpected(error);
  }
}

function checkExpected(error: unknown): void {
  if (error instanceof SegmentCorruptError) return;
  if (error instanceof Error && error.name === "DeadlineExceededError") return;
  throw error;
}
