import "../../fixtures/loaded_msquic.ts";
import assert from "node:assert/strict";
import { Library } from "../../../ffi/mod.ts";
import { Handle } from "../../../ffi/msquic/handle.ts";
import type { Runtime } from "../../../ffi/msquic/runtime.ts";

const OUT_OF_MEMORY = 12;

/** A stream's handle of no stream: how often MsQuic was to close it is counted. */
function opened(runtime: Runtime): { handle: Handle; closed: () => number } {
  let closed = 0;
  const api = { ...runtime.api, SetCallbackHandler: () => {}, StreamClose: () => void closed++ };
  const seen = Object.assign(Object.create(runtime), { api });
  const handle = new Handle(seen, "stream", { handleEvent: () => 0, handleFailure: () => {} });
  handle.acquire("StreamOpen", (_callback, context, out) => {
    assert.equal(context, BigInt(handle.context));
    out[0] = 77n;
    return 0;
  });
  return { handle, closed: () => closed };
}

Deno.test("Handle is closed once, and its number is free only then", async () => {
  await using library = Library.open();
  const { runtime } = library;
  const first = opened(runtime);
  const second = opened(runtime);
  assert.notEqual(first.handle.context, second.handle.context);
  assert.equal(first.handle.open, true);
  first.handle.close();
  assert.equal(first.handle.open, false);
  const third = opened(runtime);
  assert.equal(third.handle.context, first.handle.context, "the number is used again");
  first.handle.close();
  assert.equal(first.closed(), 1);
  assert.equal(runtime.handles.stream.get(third.handle.context), third.handle);
  for (const { handle } of [second, third]) handle.close();
  assert.equal(runtime.handles.stream.get(third.handle.context), undefined);
});

Deno.test("Handle that is closed cannot be used, and says which it was", async () => {
  await using library = Library.open();
  const { handle } = opened(library.runtime);
  const name = `[strm][${handle.context}]`;
  assert.equal(handle.traceName, name);
  handle.abandon();
  assert.throws(() => handle.pointer, { message: `Cannot use a closed stream: ${name}` });
  assert.throws(() => handle.setParam("CONN_SETTINGS", new Uint8Array(1)), TypeError);
});

Deno.test("Handle that MsQuic does not open is closed already, and its error names it", async () => {
  await using library = Library.open();
  const { runtime } = library;
  const handle = new Handle(runtime, "connection");
  assert.throws(() => handle.acquire("ConnectionOpen", () => OUT_OF_MEMORY), {
    name: "MsQuicError",
    message: `[conn][${handle.context}] ConnectionOpen failed with QUIC_STATUS_OUT_OF_MEMORY`,
  });
  assert.equal(handle.open, false);
  assert.equal(runtime.handles.connection.get(handle.context), undefined);
});

Deno.test("Handle that is left to MsQuic is not closed", async () => {
  await using library = Library.open();
  const { handle, closed } = opened(library.runtime);
  handle.disown();
  handle.close();
  assert.equal(closed(), 0);
  assert.equal(library.runtime.handles.stream.get(handle.context), undefined);
});
