import assert from "node:assert/strict";
import { Completions } from "../../../../ffi/msquic/events/completions.ts";
import { slowCallsReason } from "../../../../ffi/mod.ts";
import { PLATFORM_LAYOUTS } from "../../../../ffi/msquic/abi/event_queue.ts";
import { CaughtLogs } from "../../../fixtures/caught_logs.ts";

const { Sqe } = PLATFORM_LAYOUTS[Deno.build.os === "windows" ? "windows" : "linux"];

const COMPLETION = {
  parameters: ["u64"],
  result: "void",
} as const satisfies Deno.UnsafeCallbackDefinition;

/** A `QUIC_SQE` whose completion is at `address`. */
function entryFor(address: bigint): { sqe: bigint; memory: DataView } {
  const memory = new DataView(new BigUint64Array(Math.ceil(Sqe.size / 8)).buffer);
  memory.setBigUint64(Sqe.Completion, address, true);
  return { memory, sqe: Deno.UnsafePointer.value(Deno.UnsafePointer.of(memory)) };
}

Deno.test({
  name: "Completions.run() that fails is logged, and keeps none of those behind it from running",
  sanitizeResources: false, // what is made callable stays loaded
}, async () => {
  await using logs = await CaughtLogs.of(["msquicd", "ffi"]);
  const ran: bigint[] = [];
  const failing = new Deno.UnsafeCallback(COMPLETION, () => {
    throw new Error("boom");
  });
  const working = new Deno.UnsafeCallback(COMPLETION, (entry) => void ran.push(entry));
  const address = (callback: { pointer: Deno.PointerValue }) =>
    Deno.UnsafePointer.value(callback.pointer);
  const entries = [failing, working].map((callback) => entryFor(address(callback)));
  entries.splice(1, 0, entryFor(0n));
  try {
    const completions = new Completions(Sqe.Completion);
    for (const { sqe } of entries) completions.run(sqe, 7n);
    assert.deepEqual(ran, [7n]);
    const { messages } = logs;
    assert.equal(messages.length, 2, messages.join("\n"));
    assert.match(messages[0]!, /boom/);
    assert.match(messages[1]!, /its address is 0/);
    assert.equal(slowCallsReason(), undefined, "a wrong address is not the system's refusal");
    assert.equal(entries.length, 3);
  } finally {
    failing.close();
    working.close();
  }
});
