import assert from "node:assert/strict";
import { Damper } from "../../../../ffi/msquic/events/damper.ts";

/** What a damper says turn by turn, while each turn moves so many datagrams of so many bytes. */
function dampedTurns(datagramsPerTurn: number, bytesEach: number) {
  const traffic = { datagrams: 0, bytes: 0 };
  const damper = new Damper(() => ({ ...traffic }));
  const turns = (count: number) =>
    Array.from({ length: count }, () => {
      traffic.datagrams += datagramsPerTurn;
      traffic.bytes += datagramsPerTurn * bytesEach;
      return damper.restMs();
    });
  return { damper, turns };
}

Deno.test("Damper rests when small packets come and go for long and nothing else happens", () => {
  const { damper, turns } = dampedTurns(30, 40);
  assert.deepEqual(new Set(turns(20)), new Set([0]));
  const rests = turns(20).filter((ms) => ms > 0);
  assert.deepEqual(rests.slice(0, 4), [1, 2, 4, 4]);
  assert.deepEqual(new Set(rests.slice(4)), new Set([4]));
  damper.stir();
  assert.deepEqual(new Set(turns(20)), new Set([0]));
  assert.ok(turns(20).includes(4));
});

Deno.test("Damper never rests while something happens, or while what comes and goes is more", () => {
  const { damper, turns } = dampedTurns(2, 40);
  for (let round = 0; round < 100; round++) {
    assert.deepEqual(new Set(turns(10)), new Set([0]));
    damper.stir();
  }
  // Acknowledgements of what is sent in bulk, of which MsQuic tells only now and then.
  assert.deepEqual(new Set(dampedTurns(42, 1300).turns(1000)), new Set([0]));
});

Deno.test("Damper does not rest any longer once what comes and goes is more again", () => {
  const traffic = { datagrams: 0, bytes: 0 };
  const damper = new Damper(() => ({ ...traffic }));
  const turn = (datagrams: number, bytes: number) => {
    traffic.datagrams += datagrams;
    traffic.bytes += bytes;
    return damper.restMs();
  };
  for (let count = 0; count < 50; count++) turn(2, 80);
  assert.equal(turn(2, 80), 4);
  assert.deepEqual([turn(42, 55_000), turn(2, 80), turn(2, 80)], [0, 0, 0]);
});
