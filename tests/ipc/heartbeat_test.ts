import assert from "node:assert/strict";
import { Heartbeat, HeartbeatReader } from "../../ipc/heartbeat.ts";

function connected() {
  const buffer = new ArrayBuffer(128);
  const clock = { now: 1000 };
  return {
    clock,
    heartbeat: new Heartbeat(buffer, 64),
    reader: new HeartbeatReader(buffer, 64, () => clock.now),
  };
}

Deno.test("HeartbeatReader counts from its own beginning before the first beat", () => {
  const { clock, reader } = connected();
  clock.now += 300;
  assert.equal(reader.ageMs, 300);
});

Deno.test("HeartbeatReader counts from when it saw the last beat", () => {
  const { clock, heartbeat, reader } = connected();
  clock.now += 300;
  heartbeat.beat();
  assert.equal(reader.ageMs, 0);
  clock.now += 250;
  assert.equal(reader.ageMs, 250);
  heartbeat.beat();
  heartbeat.beat();
  assert.equal(reader.ageMs, 0);
});

Deno.test("Heartbeat.show() beats when the count changes, and only then", () => {
  const { clock, heartbeat, reader } = connected();
  heartbeat.show(7);
  assert.equal(reader.ageMs, 0);
  clock.now += 100;
  heartbeat.show(7);
  assert.equal(reader.ageMs, 100);
  heartbeat.show(2 ** 40 + 8);
  assert.equal(reader.ageMs, 0);
});

Deno.test("Heartbeat.beat() goes on past the end of its word", () => {
  const { heartbeat, reader, clock } = connected();
  heartbeat.show(2 ** 31 - 1);
  assert.equal(reader.ageMs, 0);
  clock.now += 5;
  heartbeat.beat();
  assert.equal(reader.ageMs, 0);
});
