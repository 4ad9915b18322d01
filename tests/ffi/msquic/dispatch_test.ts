import assert from "node:assert/strict";
import { Library } from "../../../ffi/mod.ts";
import { Status, StreamEvent, StreamEventType } from "../../../ffi/msquic/abi/mod.ts";
import { CaughtLogs } from "../../fixtures/caught_logs.ts";
import "../../fixtures/loaded_msquic.ts";

Deno.test("A callback that throws reports failure, is logged, and ends what it was for", async () => {
  await using logs = await CaughtLogs.of(["msquicd", "ffi"]);
  await using library = Library.open();
  const { handles: { stream: streams }, callbacks } = library.runtime;
  let failures = 0;
  const context = streams.add({
    traceName: "[strm][77]",
    handleEvent: () => {
      throw new Error("boom");
    },
    handleFailure: () => {
      failures++;
      throw new Error("and again");
    },
  });
  const event = new DataView(new BigUint64Array(StreamEvent.size / 8).buffer);
  event.setUint32(StreamEvent.Type, StreamEventType.PEER_SEND_SHUTDOWN, true);
  // As MsQuic calls it: through the native function pointer.
  const callback = new Deno.UnsafeFnPointer(
    callbacks.stream as Deno.PointerObject<typeof STREAM_CALLBACK>,
    STREAM_CALLBACK,
  );
  try {
    assert.equal(callback.call(1n, BigInt(context), event), Status.INTERNAL_ERROR);
    assert.equal(failures, 1);
    assert.match(logs.messages.join("\n"), /\[strm\]\[77\][^]*boom[^]*\[strm\]\[77\][^]*and again/);
    streams.remove(context);
    assert.equal(callback.call(1n, BigInt(context), event), Status.INVALID_STATE);
  } finally {
    streams.remove(context);
  }
});

const STREAM_CALLBACK = {
  parameters: ["u64", "u64", "buffer"],
  result: "u32",
} as const satisfies Deno.ForeignFunction;
