import assert from "node:assert/strict";
import { RateBoard, type Rates } from "../../../manager/supervision/rate_board.ts";

Deno.test("RateBoard shares rates evenly among the workers that there are, and tells those that come", async () => {
  const board = new RateBoard();
  const told: Rates[][] = [[], []];
  const reader = (worker: number) => (rates: Rates) => {
    told[worker]?.push(rates);
    return Promise.resolve();
  };
  using _first = board.join(reader(0));
  assert.deepEqual(told, [[], []], "nobody is told of nothing");
  await board.set(undefined, 1001);
  await board.set("a", 7);
  const second = board.join(reader(1));
  const halves = { bytesPerSecond: 501, tokens: [{ name: "a", bytesPerSecond: 4 }] };
  assert.deepEqual(told.map((all) => all.at(-1)), [halves, halves]);
  assert.deepEqual(board.current, {
    bytesPerSecond: 1001,
    tokens: [{ name: "a", bytesPerSecond: 7 }],
  });
  second[Symbol.dispose]();
  assert.deepEqual(told[0]?.at(-1), board.current);
  await board.set("a", 0);
  await board.set(undefined, 0);
  assert.deepEqual(told[0]?.at(-1), { bytesPerSecond: 0, tokens: [] });
  assert.equal(told[1]?.length, 1);
});

Deno.test("RateBoard.set() tells all workers, and fails if one has not taken note", async () => {
  const board = new RateBoard();
  let told = 0;
  using _deaf = board.join(() => Promise.reject(new Error("deaf")));
  using _other = board.join(() => Promise.resolve(void told++));
  await assert.rejects(board.set(undefined, 1), /deaf/);
  assert.equal(told, 1);
});
