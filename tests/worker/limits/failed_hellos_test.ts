import assert from "node:assert/strict";
import { FailedHellos } from "../../../worker/limits/failed_hellos.ts";

Deno.test("FailedHellos has each wrong token wait for longer than the one before, up to a limit", () => {
  const failed = new FailedHellos(3);
  const waits = Array.from({ length: 10 }, () => {
    using penance = failed.note("192.0.2.1");
    return penance.waitMs;
  });
  assert.deepEqual(waits, [0, 0, 0, 250, 500, 1000, 2000, 4000, 4000, 4000]);
  using other = failed.note("192.0.2.2");
  assert.equal(other.waitMs, 0);
  assert.equal(other.failures, 1);
});

Deno.test("FailedHellos forgets what was long ago", () => {
  let now = 0;
  const failed = new FailedHellos(1, () => now);
  failed.note("2001:db8::1")[Symbol.dispose]();
  now += 10 * 60 * 1000;
  assert.equal(failed.note("2001:db8::2").waitMs, 250);
  now += 10 * 60 * 1000 + 1;
  assert.equal(failed.note("2001:db8::1").waitMs, 0);
});

Deno.test("FailedHellos lets few of a network wait at once, and gives more no answer", () => {
  const failed = new FailedHellos(1);
  failed.note("192.0.2.1")[Symbol.dispose]();
  const waiting = Array.from({ length: 16 }, () => failed.note("192.0.2.1"));
  assert.ok(waiting.every(({ waitMs }) => waitMs !== undefined && waitMs > 0));
  assert.equal(failed.note("192.0.2.1").waitMs, undefined);
  waiting[0]![Symbol.dispose]();
  waiting[0]![Symbol.dispose]();
  assert.equal(failed.note("192.0.2.1").waitMs, 4000);
  assert.equal(failed.note("192.0.2.1").waitMs, undefined);
});

Deno.test("FailedHellos remembers so many networks, and forgets the one that was quiet for longest", () => {
  const failed = new FailedHellos(1);
  const address = (at: number) => `10.${at >> 16}.${at >> 8 & 255}.${at & 255}`;
  for (let at = 0; at < 10_000; at++) failed.note(address(at));
  failed.note(address(0));
  failed.note("192.0.2.1");
  assert.equal(failed.size, 10_000);
  assert.equal(failed.note(address(0)).failures, 3);
  assert.equal(failed.note(address(1)).failures, 1);
});
