import assert from "node:assert/strict";
import { whenAborted } from "../../../base/mod.ts";
import { CounterBlock, type ManagerMessage, SegmentCorruptError } from "../../../ipc/mod.ts";
import { redirectLogs } from "../../../log/mod.ts";
import { Life, type LifeEnd } from "../../../worker/life/life.ts";
import { within } from "../../ffi/within.ts";

/** No process has this id: it is beyond what systems give out. */
const NOBODY = 2 ** 31 - 1;

/** Shared memory with a manager that says nothing, or with one that is gone. */
class FakeEnd implements LifeEnd {
  readonly counters = new CounterBlock(new ArrayBuffer(1024), 0);
  readonly manager = { pid: NOBODY, startTime: 1n };
  readonly name = "none";
  readonly sent: string[] = [];
  unlinked = false;

  constructor(readonly managerHeartbeatAgeMs: number, readonly failure?: Error) {}

  beat(): void {}
  showTurnTimes(): void {}
  pollBeat(): void {}
  serve(): void {}

  request(): Promise<never> {
    return Promise.reject(new Error("Nobody is there"));
  }

  send(message: { type: string }): Promise<void> {
    this.sent.push(message.type);
    return Promise.resolve();
  }

  async *messages(signal: AbortSignal): AsyncGenerator<ManagerMessage, void, void> {
    if (this.failure) throw this.failure;
    await whenAborted(signal);
    yield* [];
  }

  unlink(): void {
    this.unlinked = true;
  }
}

Deno.test("Life.run() leaves when its manager is gone, and removes the segment's name", async () => {
  using _logs = redirectLogs(() => {});
  const end = new FakeEnd(5000);
  assert.equal(await within(30_000, "the end", Life.run(end)), 0);
  assert.equal(end.unlinked, true);
  assert.deepEqual(end.sent, []);
});

Deno.test("Life.run() leaves with 1 when the segment is corrupt", async () => {
  using _logs = redirectLogs(() => {});
  const end = new FakeEnd(0, new SegmentCorruptError("Rubbish"));
  assert.equal(await within(30_000, "the end", Life.run(end)), 1);
  assert.equal(end.unlinked, false);
  assert.deepEqual(end.sent, ["failed"]);
});
