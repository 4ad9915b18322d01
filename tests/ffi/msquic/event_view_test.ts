import assert from "node:assert/strict";
import { EventViews } from "../../../ffi/msquic/event_view.ts";

const SIZE = 24;

function memory(first: number): { struct: DataView<ArrayBuffer>; address: bigint } {
  const struct = new DataView(new BigUint64Array(SIZE / 8).buffer);
  struct.setUint32(0, first, true);
  struct.setUint16(4, 0xabcd, true);
  struct.setUint8(6, 0x7f);
  struct.setBigUint64(8, 0x0123_4567_89ab_cdefn, true);
  return { struct, address: Deno.UnsafePointer.value(Deno.UnsafePointer.of(struct)) };
}

Deno.test("EventView reads the fields of an event as they were when it was entered", () => {
  const views = new EventViews(SIZE);
  const { struct, address } = memory(0xdeadbeef);
  const event = views.enter(address);
  struct.setUint32(0, 1, true);
  assert.equal(event.getUint32(0), 0xdeadbeef);
  assert.equal(event.getUint16(4), 0xabcd);
  assert.equal(event.getUint8(6), 0x7f);
  assert.equal(event.getBigUint64(8), 0x0123_4567_89ab_cdefn);
  assert.equal(event.getPointer(16), null);
  views.leave();
});

Deno.test("EventViews keeps an event apart from those that come while it is handled", () => {
  const views = new EventViews(SIZE);
  const [outer, inner] = [memory(1), memory(2)];
  const event = views.enter(outer.address);
  for (let i = 0; i < 2; i++) {
    assert.equal(views.enter(inner.address).getUint32(0), 2);
    views.leave();
    assert.equal(event.getUint32(0), 1);
  }
  views.leave();
  assert.equal(views.enter(inner.address), event, "it is used again");
  views.leave();
});
